// Does a text model find its way, and can a prompt say how well or badly it shall walk?

import type { RunSpec } from '../../contract/run-spec'
import { promptIds } from '../../dataset/special-tokens'
import { accumulationFor } from '../../spec/paper'
import type { EvaluationPrompt, ExperimentContext, HeldOut } from '../behaviour'
import { defineExperiment } from '../define'
import { type PathfindingSpec, pathConditions } from './conditions'
import { openPathfinding, type WalkText } from './data'

export const pathfindingSpec = ({ experiment }: RunSpec): PathfindingSpec =>
  experiment as PathfindingSpec

/** Held-out boards, each with the quality of its own walk as conditions. */
async function boardPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const { conditioned } = pathfindingSpec(context.spec)
  const wanted = context.spec.results.prompts
  const found: EvaluationPrompt[] = []
  if (wanted === 0) return found
  for await (const raw of heldOut() as AsyncIterable<WalkText>) {
    const { prompt, moves, extraMoves, wallHits } = raw
    found.push({
      id: `board-${found.length}`,
      label: `${extraMoves} extra moves, ${wallHits} wall hits`,
      group: 'held-out board',
      text: prompt,
      tokenIds: await promptIds(context.tokenizer, prompt),
      conditions: pathConditions(conditioned, extraMoves, wallHits),
      placeAt: 'start',
      expected: moves,
    })
    // the boards are endless
    if (found.length >= wanted) break
  }
  return found
}

export const pathfinding = defineExperiment({
  kind: 'pathfinding',
  title: 'Pathfinding',
  explanation:
    'A prompt made from a wanted quality makes a text model walk from A to B on boards it has never seen.',
  finding:
    'One token already teaches the form of an answer (from about 3.8 to 1.1 nats); 16 reach 0.6, and 64 add nothing.',
  openRecipe: openPathfinding,
  demoData: '',
  defaults: (modelId, tokens = 16) => ({
    data: { path: 'procedural' },
    prompt: { type: 'mlp', tokens, hiddenLayers: 0, hiddenWidth: 128 },
    start: { kind: 'index', index: 0 },
    training: {
      steps: 2048,
      lanes: 256,
      accumulation: accumulationFor(modelId, [4, 8, 16, 32]),
      length: 256,
    },
    results: { prompts: 128, maxTokens: 32, metricSamples: 128 },
  }),
  demo: () => ({
    experiment: { kind: 'pathfinding' },
    model: 'workbench-demo-base',
    data: { path: 'procedural' },
    prompt: { type: 'mlp', tokens: 16, hiddenLayers: 0, hiddenWidth: 128 },
    optimizer: { learningRate: 2e-3 },
    training: {
      steps: 64,
      lanes: 8,
      accumulation: 1,
      length: 192,
      testEvery: 16,
      testBatches: 4,
      finalTestBatches: 16,
    },
    results: { prompts: 8, maxTokens: 32, metricSamples: 16 },
  }),
  evaluationPrompts: boardPrompts,
})
