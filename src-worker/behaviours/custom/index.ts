// Bring your own behaviour: does an input exist that makes the model do this?

import { accumulationFor, accumulationOf32, demoInput, directPrompt } from '../../spec/paper'
import type { EvaluationPrompt, ExperimentContext, HeldOut } from '../behaviour'
import { defineExperiment } from '../define'
import { customSpec, openCustomRecipe } from './data'
import type { CustomRaw } from './pairs'
import { customEncoder, joint } from './tokens'

/** Joined to the prompt as the completion is. */
const alternativesOf = ({ prompt, alternatives }: CustomRaw & { kind: 'pair' }): string[] =>
  alternatives.map(other => joint(prompt, other) + other)

/** Held-out pairs as prompts with the completion that is expected. Plain texts have none and are left out. */
async function pairPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const { prompts, metricSamples } = context.spec.results
  const wanted = Math.max(prompts, metricSamples)
  const encode = customEncoder(context)
  const { softPromptAt } = customSpec(context.spec)
  const found: EvaluationPrompt[] = []
  for await (const raw of heldOut() as AsyncIterable<CustomRaw>) {
    if (found.length >= wanted) break
    const tokens = await encode(raw)
    if ('why' in tokens || raw.kind === 'text') continue
    const { ids, spans, start, prompt, completion } = tokens
    found.push({
      id: `pair-${found.length}`,
      label: `pair ${found.length}`,
      group: 'held-out pair',
      text: prompt,
      tokenIds: ids.slice(0, spans.at(-1)?.[0] ?? 0),
      conditions: raw.conditions,
      placeAt: softPromptAt === 'after' ? 'end' : 'start',
      ...(start === undefined ? {} : { start }),
      expected: completion,
      ...(raw.kind === 'pair' ? { alternatives: alternativesOf(raw) } : {}),
    })
  }
  return found
}

export const custom = defineExperiment({
  kind: 'custom',
  title: 'Bring your own behaviour',
  explanation:
    'Your own prompts and completions: trains a prompt that makes the model complete them so.',
  finding: 'Yours to find: how many tokens does the behaviour need on held-out pairs?',
  openRecipe: openCustomRecipe,
  demoData: 'data/demo_pairs.jsonl',
  defaults: (modelId, tokens) => ({
    prompt: directPrompt(tokens, 'vocabulary'),
    start: { kind: 'index', index: 0 },
    training: {
      steps: 512,
      lanes: 32,
      accumulation: accumulationFor(modelId, accumulationOf32),
      length: 256,
    },
    results: { maxTokens: 32, softPromptAt: 'start' },
  }),
  demo: () => demoInput('custom', 'workbench-demo-base'),
  evaluationPrompts: pairPrompts,
})
