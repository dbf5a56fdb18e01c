// The paper's settings that several experiments share.
import type { ExperimentKind } from '../contract/experiment-spec'
import type { RunSpecInput } from '../contract/run-spec'

/** Millions of parameters as a model's name states them (`pythia-410m-deduped`, `TinyLlama-1.1B-…`). */
export function millionsOf(modelId: string): number | undefined {
  for (const part of modelId.split(/[\\/]/).reverse()) {
    const found = /(?:^|[-_])(\d+(?:\.\d+)?)([mb])(?![a-z])/i.exec(part)
    if (found) return Number(found[1]) * (found[2]?.toLowerCase() === 'b' ? 1000 : 1)
  }
  return /workbench-demo/.test(modelId) ? 6 : undefined
}

/**
 * Micro-batches of one optimizer step: the paper's for its models (70m, 160m, 410m, larger), the nearest larger one
 * for others.
 */
export function accumulationFor(
  modelId: string,
  [small, middle, large, largest]: readonly [number, number, number, number],
): number {
  const millions = millionsOf(modelId)
  if (millions === undefined) return large
  if (millions <= 100) return small
  if (millions <= 250) return middle
  return millions <= 600 ? large : largest
}

/** Accumulation of the experiments with 32 lanes. */
export const accumulationOf32 = [1, 2, 4, 8] as const

export type Init = 'zero' | 'normal' | 'vocabulary'

/** A directly trained prompt; 16 tokens unless asked otherwise. */
export const directPrompt = (tokens: number | undefined, init: Init): RunSpecInput['prompt'] => ({
  type: 'direct',
  tokens: tokens ?? 16,
  init: { kind: init },
})

/** Settings with which the bundled model shows an experiment in about a minute on two cores. */
export const demoInput = (
  kind: ExperimentKind,
  model: 'workbench-demo-base' | 'workbench-demo-chat',
  over: RunSpecInput = {},
): RunSpecInput => ({
  experiment: { kind } as RunSpecInput['experiment'],
  model,
  data: { path: 'demo' },
  prompt: directPrompt(16, 'vocabulary'),
  optimizer: { learningRate: 0.01 },
  training: {
    steps: 96,
    lanes: 8,
    accumulation: 1,
    length: 96,
    testEvery: 16,
    testBatches: 4,
    finalTestBatches: 16,
  },
  results: { prompts: 14, maxTokens: 32, metricSamples: 16 },
  ...over,
})
