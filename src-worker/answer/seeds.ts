// Another seed of a length: where the noise of training decides on which side of the target it lies.
import { lengthWord } from '../contract/needed'
import { endsOf, openEnds } from './conclusion'
import { distanceOf, isFutile, type Point } from './points'
import type { Evidence, Next, Question } from './question'

/** Whether no further seed would tell on which side of the target this length lies. */
const isSettled = (question: Question, points: readonly Point[], at: Point): boolean =>
  at.trials.length + at.lost >= question.seeds || isFutile(question, points, at)

/**
 * Another seed at the open end that has fewer, of the lengths that seeds can place; of two that have as many, at the one
 * nearer to the target, for it takes more to place it. An end that none can place leaves its side to the next length.
 * Not where the test's noise decides: no seed would help.
 */
export function seedRun(
  question: Question,
  { range, rangeOfTraining }: Evidence,
  points: readonly Point[],
): Next | undefined {
  const ends = endsOf(points.filter(point => !isSettled(question, points, point)))
  const byTraining = openEnds(rangeOfTraining, ends)
  const [fewest] = openEnds(range, ends)
    .filter(point => byTraining.includes(point))
    .sort(
      (a, b) =>
        a.trials.length - b.trials.length || distanceOf(question, a) - distanceOf(question, b),
    )
  return fewest && furtherSeed(question, fewest, range)
}

/** Another seed of a length, trained as its first was. */
function furtherSeed(question: Question, at: Point, range: Evidence['range']): Next | undefined {
  const [first] = at.trials
  if (first === undefined || at.trials.length + at.lost >= question.seeds) return undefined
  const seed = at.lastSeed + 1
  return {
    kind: 'run',
    trial: { kind: 'trained', tokens: at.tokens, arm: first.arm, seed },
    steps: first.steps,
    isMeasured: true,
    reason:
      range === null
        ? `the noise of training is not known yet: seed ${seed} of ${lengthWord(at.tokens)}`
        : `noise decides on which side of the target the result with ${lengthWord(at.tokens)} lies: seed ${seed}`,
  }
}

/**
 * A second seed of the outermost length on a side that stays open though this length lies on its side of the target: the
 * noise of one seed is guessed from other lengths, and widely far from them.
 */
export function outermostSeed(
  question: Question,
  { range }: Evidence,
  points: readonly Point[],
): Next | undefined {
  const [shortest, longest] = [points[0], points.at(-1)]
  const isLowOpen = range?.low === 0 && shortest?.isReached === false
  const isHighOpen = range?.high === Number.POSITIVE_INFINITY && longest?.isReached === true
  const open = [isLowOpen ? shortest : undefined, isHighOpen ? longest : undefined]
  const guessed = open.find(point => point?.trials.length === 1)
  const isKnownElsewhere = points.some(({ trials }) => trials.length > 1)
  return guessed && isKnownElsewhere ? furtherSeed(question, guessed, range) : undefined
}
