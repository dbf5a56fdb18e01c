// Which of two behaviours is nearer, and how sure that is: what the sentences of answer.ts stand on.
import type { Bound, Curve, TokensNeeded } from '../contract/analysis'
import { noGap } from './threshold'

/** For sorting: censored ends beyond every number. */
export function order(needed: TokensNeeded): number {
  if (needed.kind === 'unknown') return Number.POSITIVE_INFINITY
  return needed.kind === 'not-reached' ? needed.tokens * 2 : needed.tokens
}

const lowEnd = (bound: Bound): number => (bound.kind === 'by' ? 0 : bound.tokens)
const highEnd = (bound: Bound): number =>
  bound.kind === 'beyond' ? Number.POSITIVE_INFINITY : bound.tokens

/** 'sure': the intervals are apart; 'open': they overlap; 'unknown': there is none. */
export function apart(near: TokensNeeded, far: TokensNeeded): 'sure' | 'open' | 'unknown' {
  if (near.kind === 'unknown' || far.kind === 'unknown') return 'unknown'
  if (near.interval === null || far.interval === null) return 'unknown'
  return highEnd(near.interval.high) < lowEnd(far.interval.low) ? 'sure' : 'open'
}

/** There is a curve and a baseline, and no prompt does better. */
export const isGapless = ({ needed }: Curve): boolean =>
  needed.kind === 'unknown' && needed.reason === noGap

const isNone = (bound: Bound): boolean => bound.kind === 'by' && bound.tokens === 0

/** There is no gain, or the interval reaches from no prompt to somewhere: it is not sure that there is one. */
export function gainIsOpen(curve: Curve): boolean {
  const { needed } = curve
  if (needed.kind === 'unknown' || needed.interval === null) return isGapless(curve)
  return isNone(needed.interval.low) && !isNone(needed.interval.high)
}

/** One seed a length: the noise of training is not in the intervals. */
const isOneSeed = ({ points }: Curve): boolean => points.some(p => p.interval?.over === 'units')

/** How sure it is that all of these are nearer than all of those. */
export function verdict(nears: readonly Curve[], fars: readonly Curve[]): string {
  const pairs = nears.flatMap(near => fars.map(far => apart(near.needed, far.needed)))
  if (pairs.includes('unknown')) return 'Nothing tells how sure this is: run a second seed.'
  if (pairs.includes('open'))
    return 'Their intervals overlap: more seeds or more held-out documents would tell them apart.'
  return [...nears, ...fars].some(isOneSeed)
    ? 'The difference is larger than the noise of the test; with one seed, that of training is not known.'
    : 'The difference is larger than the noise.'
}
