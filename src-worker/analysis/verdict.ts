// Which of two behaviours is nearer, and how sure that is: what the sentences of answer.ts stand on.
import type { Curve } from '../contract/analysis'
import {
  type Answer,
  type AnswerOrder,
  compareAnswers,
  nearestFirst,
} from '../contract/answer-order'
import type { Bound, TokensNeeded } from '../contract/needed'
import { noGap } from './threshold'

/** The high end of an interval as an answer: at most so many tokens. */
const highEnd = ({ kind, tokens }: Bound): Answer => ({
  kind: kind === 'beyond' ? 'not-reached' : 'reached-by-first',
  tokens,
})

/** The low end: more than so many tokens. */
const lowEnd = ({ kind, tokens }: Bound): Answer => ({
  kind: kind === 'by' ? 'reached-by-first' : 'more-than',
  tokens,
})

/** 'sure': the intervals are apart; 'open': they overlap; 'unknown': there is none. */
export function apart(near: TokensNeeded, far: TokensNeeded): 'sure' | 'open' | 'unknown' {
  if (near.kind === 'unknown' || far.kind === 'unknown') return 'unknown'
  if (near.interval === null || far.interval === null) return 'unknown'
  const order = compareAnswers(highEnd(near.interval.high), lowEnd(far.interval.low))
  return order === 'nearer' ? 'sure' : 'open'
}

export interface Ends {
  /** none is nearer than these */
  readonly nears: readonly Curve[]
  /** none is farther than these */
  readonly fars: readonly Curve[]
  readonly between: readonly Curve[]
  /** neither nearer nor farther than any other */
  readonly alone: readonly Curve[]
}

/** The ends of some curves, each part nearest first. */
export function endsOf(curves: readonly Curve[]): Ends {
  const sorted = [...curves].sort((a, b) => nearestFirst(a.needed, b.needed))
  const has = (order: AnswerOrder, curve: Curve): boolean =>
    curves.some(other => compareAnswers(other.needed, curve.needed) === order)
  const [nearer, farther] = [sorted.map(c => has('nearer', c)), sorted.map(c => has('farther', c))]
  return {
    nears: sorted.filter((_, i) => !nearer[i] && farther[i]),
    fars: sorted.filter((_, i) => nearer[i] && !farther[i]),
    between: sorted.filter((_, i) => nearer[i] && farther[i]),
    alone: sorted.filter((_, i) => !nearer[i] && !farther[i]),
  }
}

export const areSame = (curves: readonly Curve[]): boolean =>
  curves.every(c => compareAnswers(c.needed, (curves[0] ?? c).needed) === 'same')

/** There is a curve and a baseline, and no prompt does better. */
export const isGapless = ({ needed }: Curve): boolean =>
  needed.kind === 'unknown' && needed.reason === noGap

const isNone = (bound: Bound): boolean => bound.kind === 'by' && bound.tokens === 0

/**
 * There is no gain, or the interval reaches from no prompt to somewhere and no length is surely better by itself: how much is
 * needed may be open, for the noise of longer prompts, where that there is a gain is sure.
 */
export function gainIsOpen(curve: Curve): boolean {
  const { needed, points } = curve
  if (points.some(({ gain }) => (gain?.interval?.low ?? 0) > 0)) return false
  if (needed.kind === 'unknown' || needed.interval === null) return isGapless(curve)
  return isNone(needed.interval.low) && !isNone(needed.interval.high)
}

/** One seed a length: the noise of training is not in the intervals. */
const isOneSeed = ({ points }: Curve): boolean => points.some(p => p.interval?.over === 'units')

/** How sure it is that all of these are nearer than all of those. */
export function verdict(nears: readonly Curve[], fars: readonly Curve[]): string {
  const pairs = nears.flatMap(near => fars.map(far => apart(near.needed, far.needed)))
  if (pairs.includes('unknown'))
    return 'How sure this is cannot be said, for the noise is unknown: run another seed.'
  if (pairs.includes('open'))
    return 'Their intervals overlap: more seeds or more held-out documents would separate them.'
  return [...nears, ...fars].some(isOneSeed)
    ? 'The difference is larger than the noise of the test; with one seed, that of training is not known.'
    : 'The difference is larger than the noise.'
}
