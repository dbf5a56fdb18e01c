// From logits to one token: repetition penalty → temperature → top-k → top-p → min-p → draw.
// All in float64; ties are broken towards the smaller id, so equal logits and an equal seed give an equal token.

import type { SamplingSpec } from '../contract/run-spec'
import type { Rng } from '../stream/rng'
import { notFinite } from './not-finite'
import { kthLargest } from './select'

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

/** The k-th largest logit; −∞ when k takes all. */
const topKThreshold = (logits: Float64Array, k: number): number =>
  k > 0 && k < logits.length ? kthLargest(logits, k) : Number.NEGATIVE_INFINITY

/** Candidates by increasing id, with weights e^(logit − max). */
interface Candidates {
  readonly ids: Int32Array
  readonly weights: Float64Array
}

/** Ids whose logit reaches the threshold. */
function candidates(
  logits: Float64Array,
  threshold: number,
  max: number,
  except?: ReadonlySet<number>,
): Candidates {
  let count = 0
  const ids = new Int32Array(logits.length)
  for (let id = 0; id < logits.length; id++) if (logits[id]! >= threshold) ids[count++] = id
  const kept =
    except === undefined
      ? ids.subarray(0, count)
      : ids.subarray(0, count).filter(id => !except.has(id))
  const weights = new Float64Array(kept.length)
  for (let i = 0; i < kept.length; i++) weights[i] = Math.exp(logits[kept[i]!]! - max)
  return { ids: kept, weights }
}

/** Bins of a factor e^(1/64) down to e^−32; what is lighter falls into the last. */
const lastBin = 2048
const binOf = (below: number): number => Math.min(Math.floor(below * 64), lastBin)

interface Binned {
  /** weight in each bin */
  readonly masses: Float64Array
  readonly sum: number
}

/** Weights of the logits that reach the threshold, by how far they are below the largest. */
function binned(logits: Float64Array, threshold: number, max: number): Binned {
  const masses = new Float64Array(lastBin + 1)
  let sum = 0
  for (let id = 0; id < logits.length; id++) {
    if (!(logits[id]! >= threshold)) continue
    const below = max - logits[id]!
    const weight = Math.exp(-below)
    const bin = binOf(below)
    masses[bin] = masses[bin]! + weight
    sum += weight
  }
  return { masses, sum }
}

/** Ids of one bin, heaviest first; among equals the smaller id. */
function idsOfBin(logits: Float64Array, bin: number, threshold: number, max: number): number[] {
  const ids: number[] = []
  for (let id = 0; id < logits.length; id++)
    if (logits[id]! >= threshold && binOf(max - logits[id]!) === bin) ids.push(id)
  return ids.sort((a, b) => logits[b]! - logits[a]! || a - b)
}

/**
 * The smallest set of most probable tokens whose mass reaches `target`, the crossing token included. Only the bin in
 * which the target is crossed is really sorted; of the others all or none are taken.
 */
function heaviest(
  logits: Float64Array,
  threshold: number,
  max: number,
  masses: Float64Array,
  target: number,
): Candidates {
  let crossing = 0
  let mass = 0
  while (crossing < lastBin && mass + masses[crossing]! < target) mass += masses[crossing++]!
  const ids = idsOfBin(logits, crossing, threshold, max)
  let count = 0
  while (count < ids.length && (mass < target || mass === 0))
    mass += Math.exp(logits[ids[count++]!]! - max)
  const least = ids[Math.max(0, count - 1)]
  const left = new Set(ids.slice(count))
  return candidates(logits, least === undefined ? threshold : logits[least]!, max, left)
}

/**
 * The nucleus of mass p. Most of a vocabulary is far too improbable to be in it, so only logits near the largest are
 * looked at, and more of them only when those fall short.
 * @param total Σ e^(logit − max) over all that top-k kept
 */
function nucleus(
  logits: Float64Array,
  max: number,
  threshold: number,
  total: number,
  p: number,
): Candidates {
  for (let reach = 6; ; reach *= 4) {
    const least = Math.max(threshold, max - reach)
    const { masses, sum } = binned(logits, least, max)
    if (least === threshold || sum >= p * total || reach > 1e5)
      return heaviest(logits, least, max, masses, p * total)
  }
}

function largest(logits: Float64Array): number {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!
  if (Number.isFinite(max)) return max
  throw notFinite()
}

/** Σ e^(logit − max) over logits that reach the threshold. */
function totalWeight(logits: Float64Array, threshold: number, max: number): number {
  let sum = 0
  for (let i = 0; i < logits.length; i++)
    if (logits[i]! >= threshold) sum += Math.exp(logits[i]! - max)
  return sum
}

/** Candidates that weigh so much. */
function atLeast({ ids, weights }: Candidates, least: number): Candidates {
  return {
    ids: ids.filter((_, i) => weights[i]! >= least),
    weights: weights.filter(weight => weight >= least),
  }
}

function normalised({ ids, weights }: Candidates): Distribution {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]!
  for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! / sum
  return { ids, probabilities: weights }
}

/**
 * What the next token is drawn from.
 * @param logits [V] @param history ids so far, for the repetition penalty
 * @param logZ log Σ exp(logits) when it is known already: saves a pass over the vocabulary
 */
export function distribution(
  logits: Float32Array,
  history: Iterable<number>,
  options: PickOptions,
  logZ?: number,
): Distribution {
  const { temperature, repetitionPenalty, topP, minP } = options
  const changed = new Float64Array(logits)
  if (repetitionPenalty !== 1) penalise(changed, history, repetitionPenalty)
  if (temperature === 0)
    return { ids: Int32Array.of(argmax(changed)), probabilities: Float64Array.of(1) }
  if (temperature !== 1)
    for (let id = 0; id < changed.length; id++) changed[id] = changed[id]! / temperature
  const max = largest(changed)
  const threshold = topKThreshold(changed, options.topK)
  let kept: Candidates
  if (topP < 1) {
    const untouched = repetitionPenalty === 1 && temperature === 1 && options.topK === 0
    const known = untouched && logZ !== undefined
    const total = known ? Math.exp(logZ - max) : totalWeight(changed, threshold, max)
    kept = nucleus(changed, max, threshold, total, topP)
  } else kept = candidates(changed, threshold, max)
  // the most probable token always weighs 1
  if (minP > 0) kept = atLeast(kept, minP)
  return normalised(kept)
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

/**
 * The `count` most probable tokens of the model itself, most probable first; ties by id.
 * @param logZ log Σ exp(logits), when it is known already
 */
export function topTokens(logits: Float32Array, count: number, logZ?: number): TokenLogProb[] {
  if (count <= 0) return []
  const best: number[] = []
  for (let token = 0; token < logits.length; token++) {
    if (best.length === count && !(logits[token]! > logits[best[count - 1]!]!)) continue
    let place = Math.min(best.length, count - 1)
    while (place > 0 && logits[token]! > logits[best[place - 1]!]!) place--
    best.splice(place, 0, token)
    best.length = Math.min(best.length, count)
  }
  const total = logZ ?? logSumExp(logits)
  return best.map(token => ({ token, logProb: logits[token]! - total }))
}
