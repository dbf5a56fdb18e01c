// From logits to one token: repetition penalty → temperature → top-k → top-p → min-p → draw.
// All in float64; ties are broken towards the smaller id, so equal logits and an equal seed give an equal token.
import type { Rng } from '../batch/rng'
import { Fault } from '../contract/fault'
import type { SamplingSpec } from '../contract/run'
import { kthLargest, largestFirst } from './select'

/** Neutral: temperature 1, topP 1, topK 0, minP 0, repetitionPenalty 1. Temperature 0 is greedy. */
export type PickOptions = Omit<SamplingSpec, 'maxTokens'>

/** The tokens that may follow, by increasing id, and their probabilities, which sum to 1. */
export interface Distribution {
  readonly ids: Int32Array
  readonly probabilities: Float64Array
}

export interface TokenLogProb {
  readonly token: number
  /** natural log of the model's own probability: temperature 1, nothing left out */
  readonly logProb: number
}

/** Each id that occurred, once: logit/penalty when ≥ 0, logit·penalty when < 0 (Keskar et al. 2019, §4.1). */
function penalise(logits: Float64Array, history: Iterable<number>, penalty: number): void {
  for (const id of new Set(history)) {
    const logit = logits[id]
    if (logit !== undefined) logits[id] = logit >= 0 ? logit / penalty : logit * penalty
  }
}

/** Every id whose logit reaches the k-th largest, ties included; 0: all. */
function topK(logits: Float64Array, k: number): Int32Array {
  const threshold = k > 0 && k < logits.length ? kthLargest(logits, k) : Number.NEGATIVE_INFINITY
  const ids = new Int32Array(logits.length)
  let count = 0
  for (let id = 0; id < logits.length; id++) if (logits[id]! >= threshold) ids[count++] = id
  return ids.subarray(0, count)
}

function softmax(logits: Float64Array, ids: Int32Array): Float64Array {
  let max = Number.NEGATIVE_INFINITY
  for (const id of ids) max = Math.max(max, logits[id]!)
  if (!Number.isFinite(max))
    throw new Fault(
      'diverged',
      'the logits are not finite numbers',
      'Check the snapshot: its training may have diverged.',
    )
  const values = new Float64Array(ids.length)
  for (let i = 0; i < ids.length; i++) values[i] = Math.exp(logits[ids[i]!]! - max)
  return normalised(values)
}

function normalised(values: Float64Array): Float64Array {
  let sum = 0
  for (const value of values) sum += value
  return values.map(value => value / sum)
}

/** Keep the places for which `kept` holds, and scale what is left to sum 1. */
function filtered(from: Distribution, kept: (place: number) => boolean): Distribution {
  const places = Array.from(from.ids.keys()).filter(kept)
  return {
    ids: Int32Array.from(places, place => from.ids[place]!),
    probabilities: normalised(Float64Array.from(places, place => from.probabilities[place]!)),
  }
}

/** The smallest set of most probable tokens whose mass reaches p, the crossing token included. */
function topP(from: Distribution, p: number): Distribution {
  const kept = new Set<number>()
  let mass = 0
  for (const place of largestFirst(from.probabilities)) {
    kept.add(place)
    mass += from.probabilities[place]!
    if (mass >= p) break
  }
  return filtered(from, place => kept.has(place))
}

/** Tokens at least `share` times as probable as the most probable one. */
function minP(from: Distribution, share: number): Distribution {
  const threshold = share * from.probabilities.reduce((most, p) => Math.max(most, p), 0)
  return filtered(from, place => from.probabilities[place]! >= threshold)
}

/**
 * What the next token is drawn from.
 * @param logits [V] @param history ids so far, for the repetition penalty
 */
export function distribution(
  logits: Float32Array,
  history: Iterable<number>,
  options: PickOptions,
): Distribution {
  const changed = Float64Array.from(logits)
  if (options.repetitionPenalty !== 1) penalise(changed, history, options.repetitionPenalty)
  if (options.temperature === 0) {
    const id = argmax(changed)
    return { ids: Int32Array.of(id), probabilities: Float64Array.of(1) }
  }
  if (options.temperature !== 1)
    for (let id = 0; id < changed.length; id++) changed[id]! /= options.temperature
  const ids = topK(changed, options.topK)
  let result: Distribution = { ids, probabilities: softmax(changed, ids) }
  if (options.topP < 1) result = topP(result, options.topP)
  if (options.minP > 0) result = minP(result, options.minP)
  return result
}

/** One token, by one uniform number of `rng`. */
export function draw({ ids, probabilities }: Distribution, rng: Rng): number {
  const target = rng.uniform()
  let mass = 0
  for (let i = 0; i < ids.length; i++) {
    mass += probabilities[i]!
    if (target < mass) return ids[i]!
  }
  return ids[probabilities.reduce((last, p, i) => (p > 0 ? i : last), 0)]!
}

/** The smallest id of the largest value. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/** log Σ exp(values), in float64. */
export function logSumExp(values: ArrayLike<number>): number {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) max = Math.max(max, values[i]!)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - max)
  return max + Math.log(sum)
}

/** The `count` most probable tokens of the model itself, most probable first. */
export function topTokens(logits: Float32Array, count: number): TokenLogProb[] {
  const total = logSumExp(logits)
  const result: TokenLogProb[] = []
  if (count <= 0) return result
  for (const token of largestFirst(logits)) {
    result.push({ token, logProb: logits[token]! - total })
    if (result.length === count) break
  }
  return result
}
