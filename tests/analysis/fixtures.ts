// Runs as the analysis takes them, made up: a curve in log tokens with noise, everything else harmless.

import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { tags } from '../../src-worker/contract/metrics'
import { rng } from '../../src-worker/stream/rng'

/** A finished run of a small model on text, loss 2; override what matters. */
export function run(over: Partial<AnalysedRun> & { readonly loss?: number } = {}): AnalysedRun {
  const { loss = 2, ...rest } = over
  const tokens = rest.tokens ?? 4
  const seed = rest.seed ?? 0
  const kind = rest.baseline ?? 'trained'
  const id = `${rest.experiment ?? 'autoregressive'}-${rest.model ?? 'demo'}-${kind}-${tokens}-${seed}`
  return {
    id,
    name: id,
    source: 'workbench',
    experiment: 'autoregressive',
    behaviour: (rest.experiment ?? 'autoregressive').replaceAll('-', ' '),
    model: 'org/demo',
    dataset: 'sample',
    tokens,
    seed,
    steps: kind === 'trained' ? 512 : 0,
    state: 'done',
    metrics: { [tags.finalTestLoss]: loss },
    heldOut: {},
    trainLoss: { steps: [], values: [] },
    restarts: [],
    parameters: tokens * 64,
    settings: { 'optimizer.learningRate': '0.001' },
    startedAt: '2026-11-01T00:00:00.000Z',
    spec: { optimizer: { learningRate: 0.001 } },
    provenance: null,
    ...rest,
  }
}

/** Training loss that falls to `end` and levels off at step `until`. */
export function trainLoss(steps: number, until: number, end = 2, noise = 0.02, seed = 1) {
  const random = rng(seed, 'train loss')
  const values = Array.from(
    { length: steps },
    (_, step) => end + 3 * Math.max(0, 1 - step / until) ** 2 + noise * random.normal(),
  )
  return { steps: values.map((_, i) => i + 1), values }
}

export interface Sweep {
  readonly over?: Partial<AnalysedRun>
  readonly none?: number
  readonly startToken?: number
  /** loss by tokens */
  readonly losses: Readonly<Record<number, number>>
  readonly seeds?: number
  readonly noise?: number
}

/** Baselines, and every length with every seed. */
export function sweep({ over = {}, none, startToken, losses, seeds = 2, noise = 0.01 }: Sweep) {
  const random = rng(3, JSON.stringify([over.model, over.experiment, losses]))
  const baselines = [
    ...(none === undefined ? [] : [run({ ...over, tokens: 0, baseline: 'none', loss: none })]),
    ...(startToken === undefined
      ? []
      : [run({ ...over, tokens: 0, baseline: 'start-token', loss: startToken })]),
  ]
  const trained = Object.entries(losses).flatMap(([tokens, loss]) =>
    Array.from({ length: seeds }, (_, seed) =>
      run({ ...over, tokens: Number(tokens), seed, loss: loss + noise * random.normal() }),
    ),
  )
  return [...baselines, ...trained]
}
