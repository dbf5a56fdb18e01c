// About how many optimizer steps are left: what is known of the way to an end, as if each length were decided at once.
import { pilot, pilotSteps } from './pilot'
import { pointsOf } from './points'
import type { Evidence, Question } from './question'

/** Full runs behind the pilot where nothing is known: two lengths outwards, two between, a seed at each end. */
const usual = 6

/** Lengths between two until they are within a factor. */
const between = (ratio: number, within: number): number =>
  ratio <= within ? 0 : Math.ceil(Math.log2(Math.log(ratio) / Math.log(within)))

export function stepsLeft(question: Question, { trials }: Evidence): number {
  const { steps, within, longest, control } = question
  const arm = pilot(question, trials)
  const last = control === null || trials.some(t => t.kind === 'control') ? 0 : 1
  if ('kind' in arm) {
    const whole = pilotSteps(question)
    const done = trials.filter(t => t.kind === 'trained').reduce((sum, t) => sum + t.steps, 0)
    return Math.max(steps, whole - done) + (usual + last) * steps
  }
  const points = pointsOf(question, trials, arm)
  const at = points.findIndex(p => p.isReached)
  const alone = points.slice(at < 0 ? -1 : Math.max(0, at - 1)).filter(p => p.trials.length < 2)
  const seeds = Math.min(2, alone.length)
  const longestYet = points.at(-1)?.tokens ?? 1
  if (at < 0)
    return (
      steps * (Math.ceil(Math.log(Math.max(1, longest / longestYet)) / Math.log(4)) + seeds + 1)
    )
  const reached = points[at]?.tokens ?? 1
  const below = points[at - 1]?.tokens ?? 1
  return (
    steps * (between(reached / below, within) + seeds + last + (at === 0 && reached > 1 ? 1 : 0))
  )
}
