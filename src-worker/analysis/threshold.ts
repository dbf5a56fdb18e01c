// How many tokens until a curve comes down to a threshold, with a 95 % interval. Works on costs: lower is better
// (a rate enters with its sign turned). The interval is the 2.5 and 97.5 % points of the crossing over the draws of draws.ts;
// ends that lie outside the lengths measured stay censored.
import type { Bound, TokensNeeded } from '../contract/analysis'
import { crossing, nonIncreasing } from './monotone'
import { middle95 } from './numbers'

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

/** One reading of the curve: the threshold, and the tokens needed (0: without a prompt, Infinity: not reached). */
function reading(
  curve: CostCurve,
  threshold: CostThreshold,
  at: (u: Uncertain) => number,
): { readonly level: number; readonly tokens: number } {
  const fit = nonIncreasing(curve.points.map(at), curve.weights)
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
function crossings(curve: CostCurve, threshold: CostThreshold): Float64Array | null {
  const draws = Math.max(0, ...curve.points.map(p => p.draws?.length ?? 0))
  if (draws === 0) return null
  const all = new Float64Array(draws)
  for (let r = 0; r < draws; r++)
    all[r] = reading(curve, threshold, u => u.draws?.[r] ?? u.cost).tokens
  return all.sort()
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
  if (threshold.kind === 'share' && curve.baseline === undefined)
    return unknown('no baseline (0 tokens), so there is no gap to take a share of')
  const { level, tokens } = reading(curve, threshold, u => u.cost)
  // 'needs 0 tokens' would call a behaviour near that no prompt was found for
  if (threshold.kind === 'share' && tokens === 0) return unknown(noGap)
  const all = crossings(curve, threshold)
  const [low, high] = all === null ? [] : middle95(all)
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
