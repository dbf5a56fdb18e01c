// How many tokens until a curve comes down to a threshold, with a 95 % interval. Works on costs: lower is better (a rate
// enters with its sign turned). The interval is a bracket of measured lengths (bracket.ts): more than its lower end, at most
// its upper one. Ends that lie outside the lengths measured stay censored.
import type { Bound, TokensNeeded } from '../contract/needed'
import { bracket, type Noisy } from './bracket'
import { crossing, nonIncreasing } from './monotone'
import { mean } from './numbers'

export interface Uncertain {
  readonly cost: number
  /** null: the noise is unknown */
  readonly draws: Float64Array | null
}
export interface CostCurve {
  /** ≥ 1, ascending */
  readonly tokens: readonly number[]
  readonly points: readonly Uncertain[]
  /** seeds at each length */
  readonly weights: readonly number[]
  /** the better baseline at 0 tokens */
  readonly baseline: Uncertain | undefined
  /** its bestCost, where that is known already */
  readonly best?: Uncertain | undefined
}
export type CostThreshold =
  | { readonly kind: 'absolute'; readonly cost: number }
  /**
   * baseline − share · (baseline − best); best: of the curve itself when absent. `rising`: why more tokens may still bring
   * a better best, so that the level, and with it the upper end, is not known yet.
   */
  | {
      readonly kind: 'share'
      readonly share: number
      readonly best?: Uncertain
      readonly rising?: string | undefined
    }

export interface Needed {
  readonly needed: TokensNeeded
  /** null when there is none */
  readonly threshold: number | null
}

export const noGap =
  'no soft prompt does better than the baseline, so there is no gap to take a share of'
export const oneLength =
  'one trained length: the best of a curve is not known from one point, so there is no share to reach'

type PointsWithWeights = Pick<CostCurve, 'points' | 'weights'>

/** The lowest cost of a curve that does not rise with length, its noise included; undefined without points. */
export function bestCost({ points, weights }: PointsWithWeights): Uncertain | undefined {
  const last = (values: readonly number[]): number =>
    nonIncreasing(values, weights).at(-1) ?? Number.NaN
  if (points.length === 0) return undefined
  const draws = Math.max(...points.map(p => p.draws?.length ?? 0))
  return {
    cost: last(points.map(p => p.cost)),
    draws:
      draws === 0
        ? null
        : Float64Array.from({ length: draws }, (_, r) =>
            last(points.map(p => p.draws?.[r] ?? p.cost)),
          ),
  }
}

/** baseline − share · (baseline − best), draw by draw. */
function levelOf(
  threshold: CostThreshold,
  baseline: Uncertain | undefined,
  best: Uncertain | undefined,
): Uncertain | undefined {
  if (threshold.kind === 'absolute') return { cost: threshold.cost, draws: null }
  if (baseline === undefined || best === undefined) return undefined
  const { share } = threshold
  const level = (from: number, to: number): number => from - share * (from - to)
  const draws = (baseline.draws ?? best.draws)?.map((_, r) =>
    level(baseline.draws?.[r] ?? baseline.cost, best.draws?.[r] ?? best.cost),
  )
  return { cost: level(baseline.cost, best.cost), draws: draws ?? null }
}

/** How far a point lies above the level, and its noise, centred; null when it is unknown. */
function above(point: Uncertain, level: Uncertain, draws: number): Noisy | null {
  if (point.draws === null) return null
  const raw = Float64Array.from(
    { length: draws },
    (_, r) => (point.draws?.[r] ?? point.cost) - (level.draws?.[r] ?? level.cost),
  )
  const centre = mean(raw)
  return { value: point.cost - level.cost, noise: raw.map(x => x - centre) }
}

/** Whether the baseline is there already: surely, surely not, or open (null). */
function isThere(baseline: Uncertain | undefined, level: Uncertain, draws: number): boolean | null {
  if (baseline === undefined) return false
  // nothing is trained in a baseline: without draws of its own it has no noise, though the level may
  if (baseline.draws === null && level.draws === null) return baseline.cost <= level.cost
  const own = baseline.draws ?? new Float64Array(draws).fill(baseline.cost)
  const noisy = above({ ...baseline, draws: own }, level, draws)
  if (noisy === null) return null
  const [first, last] = bracket([noisy])
  return first === last ? first === 0 : null
}

/** The 95 % interval; null when the noise is unknown. */
function interval(
  curve: CostCurve,
  level: Uncertain,
): { readonly low: Bound; readonly high: Bound } | null {
  const { tokens, points, baseline } = curve
  const draws = Math.max(0, ...points.map(p => p.draws?.length ?? 0))
  const noisy = points.flatMap(p => above(p, level, draws) ?? [])
  if (draws === 0 || noisy.length < points.length) return null
  const there = isThere(baseline, level, draws)
  const none: Bound = { kind: 'by', tokens: 0 }
  if (there === true) return { low: none, high: none }
  const [first, last] = bracket(noisy)
  const longest: Bound = { kind: 'beyond', tokens: tokens.at(-1) ?? 0 }
  const shortest: Bound = { kind: 'by', tokens: tokens[0] ?? 0 }
  const at = (i: number): Bound => ({ kind: 'at', tokens: tokens[i] ?? 0 })
  const low = first === 0 ? shortest : first === tokens.length ? longest : at(first - 1)
  const high = last === 0 ? shortest : last === tokens.length ? longest : at(last)
  return { low: there === null ? none : low, high }
}

/** The tokens at which the curve comes down to the level: 0 without a prompt, Infinity not by the longest. */
function reading(curve: CostCurve, level: number): number {
  const { tokens, points, weights, baseline } = curve
  if (baseline !== undefined && baseline.cost <= level) return 0
  return crossing(
    tokens,
    points.map(p => p.cost),
    weights,
    level,
  )
}

/** Tokens needed; `parameters` is left to the caller. */
export function tokensNeeded(curve: CostCurve, threshold: CostThreshold): Needed {
  const first = curve.tokens[0]
  const last = curve.tokens.at(-1)
  const unknown = (reason: string): Needed => ({
    needed: { kind: 'unknown', reason },
    threshold: null,
  })
  if (first === undefined || last === undefined) return unknown('no trained soft prompt')
  if (threshold.kind === 'share' && threshold.best === undefined && curve.tokens.length === 1)
    return unknown(oneLength)
  const asked = threshold.kind === 'share' ? threshold.best : undefined
  const best = asked ?? curve.best ?? bestCost(curve)
  const level = levelOf(threshold, curve.baseline, best)
  if (level === undefined)
    return unknown('no baseline (0 tokens), so there is no gap to take a share of')
  const tokens = reading(curve, level.cost)
  // 'needs 0 tokens' would call a behaviour near that no prompt was found for
  if (threshold.kind === 'share' && tokens === 0) return unknown(noGap)
  const range = interval(curve, level)
  if (threshold.kind === 'share' && threshold.rising !== undefined)
    return {
      needed: moreThan(range, tokens, curve.tokens, threshold.rising),
      threshold: level.cost,
    }
  return { needed: kindOf(tokens, [first, last], range), threshold: level.cost }
}

function kindOf(
  tokens: number,
  [first, last]: readonly [number, number],
  range: ReturnType<typeof interval>,
): TokensNeeded {
  if (tokens === 0) return { kind: 'reached-by-first', tokens: 0, interval: range }
  if (tokens <= first) return { kind: 'reached-by-first', tokens: first, interval: range }
  if (!Number.isFinite(tokens)) return { kind: 'not-reached', tokens: last, interval: range }
  return { kind: 'reached', tokens, parameters: null, interval: range }
}

/** A better best would lie lower, and be reached later: only the lower end is known. */
function moreThan(
  range: ReturnType<typeof interval>,
  tokens: number,
  lengths: readonly number[],
  reason: string,
): TokensNeeded {
  const seen = lengths.filter(t => t < tokens).at(-1) ?? 0
  const low = range === null ? seen : range.low.kind === 'by' ? 0 : range.low.tokens
  const high: Bound = { kind: 'beyond', tokens: lengths.at(-1) ?? 0 }
  const open = range === null ? null : { low: range.low, high }
  return { kind: 'more-than', tokens: Math.min(low, seen), reason, interval: open }
}
