// How many tokens until a curve comes down to a threshold, with a 95 % interval. Works on costs: lower is better
// (a rate enters with its sign turned). The interval is the 2.5 and 97.5 % points of the crossing over fits of the draws of
// draws.ts; ends that lie outside the lengths measured stay censored.
import type { Bound, TokensNeeded } from '../contract/analysis'
import { crossing, nonIncreasing } from './monotone'
import { mean, middle95 } from './numbers'

export interface Uncertain {
  readonly cost: number
  /** null: nothing tells the noise */
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
}
export type CostThreshold =
  | { readonly kind: 'absolute'; readonly cost: number }
  /** baseline − share · (baseline − best); best: of the curve itself when absent */
  | { readonly kind: 'share'; readonly share: number; readonly best?: Uncertain }

export interface Needed {
  readonly needed: TokensNeeded
  /** null when there is none */
  readonly threshold: number | null
}

export const noGap =
  'no soft prompt does better than the baseline, so there is no gap to take a share of'

type PointsWithWeights = Pick<CostCurve, 'points' | 'weights'>

/** The curve as it is read: non-increasing in length. */
export const fitted = ({ points, weights }: PointsWithWeights): number[] =>
  nonIncreasing(
    points.map(p => p.cost),
    weights,
  )

/**
 * Where a curve is flat, its fit lies too low at the end and too high before: of equal lengths, the luckiest pool wins.
 * Draws around the fit show this bias, but less of it than the truth makes, for they are drawn around something that is
 * less flat. Measured in coverage.test.ts: with 1.0, intervals hold 92.5 % on a plateau, with 2.0 92 % on a slow decline.
 */
const biasTaken = 1.4

/** Fits that the data could as well have shown, without their bias: [draws][lengths]; empty when nothing tells the noise. */
export function fitDraws(curve: PointsWithWeights): readonly (readonly number[])[] {
  const { points, weights } = curve
  const fit = fitted(curve)
  const draws = Math.max(0, ...points.map(p => p.draws?.length ?? 0))
  const fits = Array.from({ length: draws }, (_, r) =>
    nonIncreasing(
      points.map(({ cost, draws }, i) => (fit[i] ?? cost) + (draws?.[r] ?? cost) - cost),
      weights,
    ),
  )
  const bias = fit.map((value, i) => mean(fits.map(f => f[i] ?? value)) - value)
  return fits.map(f => f.map((value, i) => value - biasTaken * (bias[i] ?? 0)))
}

/** One reading of the curve: the threshold, and the tokens needed (0: without a prompt, Infinity: not reached). */
function reading(
  curve: CostCurve,
  threshold: CostThreshold,
  fit: readonly number[],
  at: (u: Uncertain) => number,
): { readonly level: number; readonly tokens: number } {
  const baseline = curve.baseline === undefined ? Number.POSITIVE_INFINITY : at(curve.baseline)
  const best = (): number =>
    threshold.kind === 'share' && threshold.best ? at(threshold.best) : (fit.at(-1) ?? baseline)
  const level =
    threshold.kind === 'absolute'
      ? threshold.cost
      : baseline - threshold.share * (baseline - best())
  if (baseline <= level) return { level, tokens: 0 }
  return { level, tokens: crossing(curve.tokens, fit, level) }
}

function bound(tokens: number, first: number, last: number): Bound {
  if (tokens === 0) return { kind: 'by', tokens: 0 }
  if (tokens === first) return { kind: 'by', tokens: first }
  return Number.isFinite(tokens) ? { kind: 'at', tokens } : { kind: 'beyond', tokens: last }
}

/** All draws of the crossing, ascending; null when nothing tells the noise. */
function crossings(
  curve: CostCurve,
  threshold: CostThreshold,
  fits: ReturnType<typeof fitDraws>,
): Float64Array | null {
  if (fits.length === 0) return null
  const read = (fit: readonly number[], r: number): number =>
    reading(curve, threshold, fit, u => u.draws?.[r] ?? u.cost).tokens
  return Float64Array.from(fits, read).sort()
}

/** The middle 95 % of the draws, and the reading itself should it lie outside. */
function range95(all: Float64Array, tokens: number): readonly [number, number] {
  const [low, high] = middle95(all)
  return [Math.min(low, tokens), Math.max(high, tokens)]
}

/** Tokens needed; `parameters` is left to the caller. */
export function tokensNeeded(
  curve: CostCurve,
  threshold: CostThreshold,
  fits = fitDraws(curve),
): Needed {
  const first = curve.tokens[0]
  const last = curve.tokens.at(-1)
  const unknown = (reason: string): Needed => ({
    needed: { kind: 'unknown', reason },
    threshold: null,
  })
  if (first === undefined || last === undefined) return unknown('no trained soft prompt')
  if (threshold.kind === 'share' && curve.baseline === undefined)
    return unknown('no baseline (0 tokens), so there is no gap to take a share of')
  const { level, tokens } = reading(curve, threshold, fitted(curve), u => u.cost)
  // 'needs 0 tokens' would call a behaviour near that no prompt was found for
  if (threshold.kind === 'share' && tokens === 0) return unknown(noGap)
  const all = crossings(curve, threshold, fits)
  const [low, high] = all === null ? [] : range95(all, tokens)
  const interval =
    low === undefined || high === undefined
      ? null
      : { low: bound(low, first, last), high: bound(high, first, last) }
  const at = bound(tokens, first, last)
  if (at.kind === 'by')
    return { needed: { kind: 'reached-by-first', tokens: at.tokens, interval }, threshold: level }
  if (at.kind === 'beyond')
    return { needed: { kind: 'not-reached', tokens: at.tokens, interval }, threshold: level }
  return {
    needed: { kind: 'reached', tokens: at.tokens, parameters: null, interval },
    threshold: level,
  }
}
