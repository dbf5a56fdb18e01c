// Which way of training is best: successive halving (Jamieson & Talwalkar 2016) over learning rate × initialisation at a middle
// length. A prompt that failed to train says nothing about the behaviour. Where the best rate so far is the highest or the lowest
// of those tried, the next one beyond it is tried as well.
import type { Arm, Next, Question, Trial } from './question'

/** The length that the pilot trains; its winner is the first point of the curve. */
export const pilotTokens = 4
export const pilotSeed = 1

/** Rates beyond either edge of the grid, at most. */
const mostBeyond = 2

export const sameArm = (a: Arm | undefined, b: Arm | undefined): boolean =>
  a?.rate === b?.rate && a?.init === b?.init

/**
 * Whether two are one and the same, so that a run goes on and none begins a second time. What trains nothing has no seed
 * and no way of training: its kind and its tokens tell it apart.
 */
export const sameTrial = (a: Next['trial'], b: Next['trial']): boolean =>
  a.kind === b.kind &&
  a.tokens === b.tokens &&
  sameArm(a.arm, b.arm) &&
  (a.arm === undefined || a.seed === b.seed)

interface Round {
  /** ways of training that it begins with */
  readonly size: number
  /** of each, in all */
  readonly steps: number
}

/** So many or fewer are compared once more, and the best of them trains to its end. */
const last = 3

/** The last is a full run: 6 arms begin with S/8, 3 go on to S/4, 1 to S. A round of 2 at S/2 changed no winner we have seen. */
function rounds({ steps, arms }: Pick<Question, 'steps' | 'arms'>): Round[] {
  const sizes: number[] = []
  let size = arms.length
  for (; size > last; size = Math.ceil(size / 2)) sizes.push(size)
  if (size > 1) sizes.push(size)
  const shortened = (i: number): number => steps / 2 ** (sizes.length + 1 - i)
  return [
    ...sizes.map((size, i) => ({ size, steps: Math.max(1, Math.round(shortened(i))) })),
    { size: 1, steps },
  ]
}

/** Optimizer steps of the whole pilot, without what lies beyond its grid. */
export function pilotSteps(question: Pick<Question, 'steps' | 'arms'>): number {
  const all = rounds(question)
  return all.reduce((sum, { size, steps }, i) => sum + size * (steps - (all[i - 1]?.steps ?? 0)), 0)
}

type Of = (arm: Arm) => Trial | undefined

const ofPilot = (trials: readonly Trial[]): readonly Trial[] =>
  trials.filter(t => t.kind === 'trained' && t.tokens === pilotTokens && t.seed === pilotSeed)

const isLost = (arm: Arm, of: Of): boolean => !Number.isFinite(of(arm)?.pilotLoss ?? Number.NaN)

/**
 * Best first. Those that went further were better at every round before: their later loss keeps them ahead. What diverged
 * is behind all others.
 */
function ranked(field: readonly Arm[], of: Of): Arm[] {
  const loss = (arm: Arm): number => of(arm)?.pilotLoss ?? Number.POSITIVE_INFINITY
  const further = (arm: Arm): number => of(arm)?.steps ?? 0
  const lost = (arm: Arm): number => Number(isLost(arm, of))
  return [...field].sort(
    (a, b) => lost(a) - lost(b) || further(b) - further(a) || loss(a) - loss(b),
  )
}

const ratesOf = (arms: readonly Arm[]): number[] =>
  [...new Set(arms.map(({ rate }) => rate))].sort((a, b) => a - b)

type Edge = 'highest' | 'lowest'

/** Where a rate is among others; undefined: inside, or there is but one. */
function edgeOf(rate: number, rates: readonly number[]): Edge | undefined {
  if (rates.length < 2) return undefined
  if (rate === rates.at(-1)) return 'highest'
  return rate === rates[0] ? 'lowest' : undefined
}

/** The arm one step of the grid beyond its edge; undefined: the leader is inside, or far enough out. */
function outerArm(leader: Arm, field: readonly Arm[], { arms }: Question): Arm | undefined {
  const rates = ratesOf([...arms, ...field])
  const edge = edgeOf(leader.rate, rates)
  if (edge === undefined) return undefined
  const [next = leader.rate, grid] = [rates.at(edge === 'highest' ? -2 : 1), ratesOf(arms)]
  const beyond = rates.filter(rate =>
    edge === 'highest' ? rate > (grid.at(-1) ?? rate) : rate < (grid[0] ?? rate),
  )
  if (beyond.length >= mostBeyond) return undefined
  return { ...leader, rate: Number((leader.rate * (leader.rate / next)).toPrecision(3)) }
}

/**
 * The field of a round with the arms beyond its edge, or the run that one of them still needs. What lost an earlier round
 * stays out; a round that others have left is over.
 */
function widened(
  field: readonly Arm[],
  question: Question,
  round: { readonly steps: number; readonly before: readonly number[] },
  of: Of,
): readonly Arm[] | Next {
  const [leader] = ranked(field, of)
  const outer = leader && !isLost(leader, of) ? outerArm(leader, field, question) : undefined
  if (leader === undefined || outer === undefined) return field
  const done = of(outer)?.steps ?? 0
  if (done >= round.steps) return widened([...field, outer], question, round, of)
  const isOver = field.some(arm => (of(arm)?.steps ?? 0) > round.steps)
  if (isOver || round.before.includes(done)) return field
  const edge = edgeOf(leader.rate, ratesOf([...question.arms, ...field])) ?? 'highest'
  return {
    kind: 'run',
    trial: { kind: 'trained', tokens: pilotTokens, arm: outer, seed: pilotSeed },
    steps: round.steps,
    isMeasured: false,
    reason: `pilot: the best learning rate so far, ${leader.rate}, is the ${edge} tried: ${round.steps} steps at ${outer.rate}`,
  }
}

const leftWords = (left: number, all: number): string =>
  left === 1 ? 'the best way of training' : `${left} of ${all} ways of training are left`

/**
 * The winner, or the run that the pilot still needs. Ties go to the arm named first.
 * @param trials of any kind: the pilot's are those of its length and seed
 */
export function pilot(question: Question, trials: readonly Trial[]): Arm | Next {
  const own = ofPilot(trials)
  const of: Of = arm => own.find(t => sameArm(t.arm, arm))
  const all = rounds(question)
  let field: readonly Arm[] = question.arms
  for (const [i, { steps }] of all.entries()) {
    const behind = field.find(arm => (of(arm)?.steps ?? 0) < steps)
    if (behind !== undefined)
      return {
        kind: 'run',
        trial: { kind: 'trained', tokens: pilotTokens, arm: behind, seed: pilotSeed },
        steps,
        isMeasured: i === all.length - 1,
        reason: `pilot, round ${i + 1}: ${leftWords(field.length, question.arms.length)}, ${steps} steps${field.length === 1 ? '' : ' each'}`,
      }
    const isLast = i === all.length - 1
    const before = all.slice(0, i).map(round => round.steps)
    const wide = isLast ? field : widened(field, question, { steps, before }, of)
    if ('kind' in wide) return wide
    field = ranked(wide, of).slice(0, all[i + 1]?.size ?? 1)
  }
  return field[0] ?? { rate: Number.NaN, init: '' }
}

/** One sentence where the winner still is at the edge of what was tried; else empty. */
export function edgeSentence(question: Question, trials: readonly Trial[], winner: Arm): string {
  const tried = ofPilot(trials).flatMap(({ arm }) => arm ?? [])
  const edge = edgeOf(winner.rate, ratesOf([...question.arms, ...tried]))
  if (edge === undefined || ratesOf(question.arms).length < 2) return ''
  const way = edge === 'highest' ? 'higher' : 'lower'
  return `The best learning rate, ${winner.rate}, is the ${edge} of those tried: a ${way} one may do better.`
}
