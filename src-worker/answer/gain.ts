// A behaviour without a yes or no: which lengths show how much is gained, and when a longer prompt gains no more.
import { lengthWord } from '../contract/needed'
import { ended, goesOn, lostLengths, mostLonger, pointsOf } from './points'
import type { Arm, Decision, Evidence, Next, Question } from './question'

/** Without a target: from 1 token up by 4, as long as the longest surely gains on the one before. */
export function gainRun(question: Question, evidence: Evidence, arm: Arm): Decision {
  const points = pointsOf(question, evidence.trials, arm)
  const lost = lostLengths(question, evidence.trials, arm)
  const [last, before] = [points.at(-1), points.at(-2)]
  const at = (tokens: number, seed: number, reason: string): Next => ({
    kind: 'run',
    trial: { kind: 'trained', tokens, arm, seed },
    steps: question.steps,
    isMeasured: true,
    reason,
  })
  if (last === undefined && lost.length > 0)
    return ended('open', `${lengthWord(lost[0] ?? 1)} diverged, also at a smaller learning rate`)
  if (last === undefined || (points[0]?.tokens !== 1 && !lost.includes(1)))
    return at(1, 1, 'the shortest length, 1 token')
  const isEnd = evidence.isImproving === false || last.tokens >= question.longest
  const falling = last.trials.find(t => t.isFalling && t.steps < mostLonger * question.steps)
  if (isEnd && falling !== undefined)
    return goesOn(falling, question.steps, `${lengthWord(last.tokens)} may gain more`)
  const alone = [last, before].find(
    point =>
      point !== undefined &&
      point.trials.length < 2 &&
      point.trials.length + point.lost < question.seeds,
  )
  if (alone !== undefined)
    return at(
      alone.tokens,
      alone.lastSeed + 1,
      `the noise of training is not known yet: a second seed of ${lengthWord(alone.tokens)}`,
    )
  const up = Math.min(question.longest, Math.max(last.tokens, ...lost) * 4)
  if (evidence.isImproving !== false && up > last.tokens && !lost.includes(up))
    return at(up, 1, `${lengthWord(last.tokens)} surely gain on fewer: on to ${up}`)
  return ended(
    'gain',
    evidence.isImproving === true
      ? `it still gains at ${lengthWord(last.tokens)}, the longest`
      : `${lengthWord(last.tokens)} do not surely gain on ${lengthWord(before?.tokens ?? 0)}`,
  )
}
