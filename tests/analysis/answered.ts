// Runs whose held-out pairs came out right so often: what "elicited" is read from.
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { tags } from '../../src-worker/contract/metrics'
import { run } from './fixtures'

export const units = 64
/** A run of which `right` of 64 held-out pairs came out right; its loss falls whatever they do. */
export function answered(over: Partial<AnalysedRun>, right: number): AnalysedRun {
  const sums = Array.from({ length: units }, (_, i) => Number(i < right))
  const share = { unit: 'document' as const, set: 'pairs', sums, counts: sums.map(() => 1) }
  const loss = 3 / (1 + (over.tokens ?? 0))
  return run({
    experiment: 'custom',
    ...over,
    metrics: { 'Exact match': right / units, [tags.finalTestLoss]: loss },
    heldOut: { 'Exact match': share },
  })
}
export const baseline = (kind: 'none' | 'start-token', right: number): AnalysedRun =>
  answered({ tokens: 0, baseline: kind, steps: 0 }, right)

/** Right answers by length, with two seeds a length unless said otherwise. */
export const curve = (rights: Readonly<Record<number, readonly number[]>>): AnalysedRun[] =>
  Object.entries(rights).flatMap(([tokens, seeds]) =>
    seeds.map((right, seed) => answered({ tokens: Number(tokens), seed }, right)),
  )
