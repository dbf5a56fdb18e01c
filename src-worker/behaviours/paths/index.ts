// Does a text model find its way, and can a prompt say how well or badly it shall walk?
import type { Measure } from '../../contract/behaviour'
import { experimentSpecSchema } from '../../contract/experiment-spec'
import type { RunSpec } from '../../contract/run-spec'
import { promptIds } from '../../dataset/special-tokens'
import { accumulationFor } from '../../spec/paper'
import type { EvaluationPrompt, ExperimentContext, HeldOut } from '../../stream/source'
import {
  type Behaviour,
  type DataKind,
  firstHeldOut,
  type Measuring,
  measuredOn,
  promptedBy,
  type Subject,
} from '../behaviour'
import { type PathfindingSpec, pathConditionNames, pathConditions } from './conditions'
import { openPathfinding, type WalkText } from './data'
import { pathMetrics, pathTags } from './measures'

const pathSpec = ({ experiment }: Pick<RunSpec, 'experiment'>): PathfindingSpec =>
  experiment as PathfindingSpec

/** Held-out boards, each with the quality of its own walk as conditions. */
async function boardPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const { conditioned } = pathSpec(context.spec)
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

async function* measure(subject: Subject): Measuring {
  const walks = await firstHeldOut<WalkText>(subject)
  if (walks.length === 0) return undefined
  const work = pathMetrics({ ...promptedBy(subject), boards: walks })
  return yield* measuredOn('walking held-out boards', walks, work)
}

const boards: DataKind = {
  kind: 'procedural',
  name: 'boards',
  noun: 'board',
  made: true,
  bundled: [{ path: 'procedural', title: 'Random boards (made as needed)' }],
}

const share = (tag: string): Measure => ({ tag, better: 'higher', share: true })
const number = (tag: string): Measure => ({ tag, better: 'lower', share: false })

export const paths = {
  kind: 'pathfinding' as const,
  title: 'Pathfinding',
  explanation:
    'A prompt made from a wanted quality makes a text model walk from A to B on boards it has never seen.',
  finding:
    'One token already teaches the form of an answer (from about 3.8 to 1.1 nats); 16 reach 0.6, and 64 add nothing.',
  name: spec => {
    const { boardWidth, boardHeight, conditioned } = pathSpec(spec)
    const condition = conditioned === 'quality' ? '' : `, condition ${conditioned}`
    return `pathfinding ${boardWidth}x${boardHeight}${condition}`
  },
  conditionNames: experiment => pathConditionNames((experiment as PathfindingSpec).conditioned),
  unit: 'board',
  measures: [
    ...[pathTags.solved, pathTags.reached, pathTags.valid, pathTags.correctUnsolvable].map(share),
    { tag: pathTags.falseUnsolvable, better: 'lower', share: true },
    ...[pathTags.extraGot, pathTags.extraError, pathTags.hitsGot, pathTags.hitsError].map(number),
  ],
  // B reached by legal moves, or U rightly said; to say U of every board is no skill
  criterion: {
    kind: 'share',
    measure: pathTags.solved,
    better: 'higher',
    chance: pathTags.refusingAll,
    target: 0.5,
  },
  options: [
    {
      control: 'number',
      path: 'experiment.boardWidth',
      label: 'Board width',
      min: 2,
      max: 32,
    },
    {
      control: 'number',
      path: 'experiment.boardHeight',
      label: 'Board height',
      min: 2,
      max: 32,
    },
    {
      control: 'choice',
      path: 'experiment.conditioned',
      label: 'Prompt depends on',
      hint: 'Extra moves and wall hits.',
      choices: [
        ['quality', 'path quality'],
        ['constant', 'a constant 1 (ablation)'],
        ['none', 'nothing'],
      ],
    },
    { control: 'switch', path: 'experiment.spaces', label: 'Spaces between cells' },
    { control: 'switch', path: 'experiment.movesLine', label: 'A line “Moves:”' },
  ],
  playground: 'paths',
  dataKinds: [boards.kind],
  dataKind: boards,
  ownData: 'made',
  control: {
    kind: 'none',
    because: 'its boards are made as needed, so there is no file to shuffle',
  },
  openPipeline: openPathfinding,
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
  originalOptions: words => {
    const found = /^(?:board|pathfinding) (\d+)x(\d+)$/.exec(words)
    return found ? { boardWidth: Number(found[1]), boardHeight: Number(found[2]) } : undefined
  },
  originalRun: head => {
    const found = /^pathfinding (\d+)x(\d+) ([^ _]+)_(\S+)$/.exec(head)
    if (!found) return undefined
    const [boardWidth, boardHeight] = [Number(found[1]), Number(found[2])]
    return {
      experiment: experimentSpecSchema.parse({ kind: 'pathfinding', boardWidth, boardHeight }),
      model: `${found[3]}/${found[4]}`,
      dataset: 'procedural',
    }
  },
  measure,
} satisfies Behaviour
