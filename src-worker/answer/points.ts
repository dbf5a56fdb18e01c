// The curve so far as points, and the words and runs that are made of them.
import { mean, squares, sum } from '../analysis/numbers'
import { sorted } from './diverged'
import type { Arm, Ended, Next, Question, Trial } from './question'

/** full runs may go on to this many times their steps */
export const mostLonger = 4

export const ended = (because: Ended['because'], reason: string): Ended => ({
  kind: 'ended',
  because,
  reason,
})

export interface Point {
  readonly tokens: number
  readonly trials: readonly Trial[]
  readonly isReached: boolean
  /** seeds of this length that diverged twice */
  readonly lost: number
  readonly lastSeed: number
}

/** The curve of the arm that won: its full runs by length. What diverged is no part of it, but what stands in for it. */
export function pointsOf(question: Question, trials: readonly Trial[], arm: Arm): Point[] {
  const { target } = question
  const { usable: own, lost } = sorted(question, trials, 'trained', arm)
  const lengths = [...new Set(own.map(t => t.tokens))].sort((a, b) => a - b)
  return lengths.map(tokens => {
    const at = own.filter(t => t.tokens === tokens)
    const isReached = target !== null && mean(at.map(t => t.cost)) <= target
    const lostHere = lost.filter(t => t.tokens === tokens)
    const lastSeed = Math.max(...[...at, ...lostHere].map(t => t.seed))
    return { tokens, trials: at, isReached, lost: lostHere.length, lastSeed }
  })
}

/** Standard deviation over seeds, pooled over the lengths; NaN while every length has one. */
function seedDeviation(points: readonly Point[]): number {
  const groups = points.map(({ trials }) => trials.map(t => t.cost))
  return Math.sqrt(sum(groups.map(squares)) / sum(groups.map(g => g.length - 1)))
}

/**
 * Whether even all the seeds that are allowed would hardly tell on which side of the target this length lies: its mean
 * over two or more is nearer to the target than 1.5 standard errors of so many, where 95 % takes 2.8 with four degrees of
 * freedom (a stop for futility).
 */
export function isFutile(question: Question, points: readonly Point[], at: Point): boolean {
  const least = (1.5 * seedDeviation(points)) / Math.sqrt(question.seeds)
  return at.trials.length > 1 && distanceOf(question, at) < least
}

/** From its mean to the target. */
export const distanceOf = ({ target }: Question, { trials }: Point): number =>
  Math.abs(mean(trials.map(t => t.cost)) - (target ?? Number.NaN))

/** The same run with twice the steps. */
export const goesOn = (trial: Trial, steps: number, what: string): Next => ({
  kind: 'run',
  trial,
  steps: Math.min(mostLonger * steps, trial.steps * 2),
  isMeasured: true,
  reason: `${what}, but the training loss was not seen to level off by step ${trial.steps}`,
})

/** Lengths whose every seed so far diverged twice: nothing is known of them. */
export function lostLengths(question: Question, trials: readonly Trial[], arm: Arm): number[] {
  const points = pointsOf(question, trials, arm)
  const { lost } = sorted(question, trials, 'trained', arm)
  const lengths = [...new Set(lost.map(t => t.tokens))].sort((a, b) => a - b)
  return lengths.filter(tokens => !points.some(p => p.tokens === tokens))
}
