// Which run next, and why: a pure function of what the runs so far say. So it resumes, and a second machine can help.
import { lengthWord } from '../contract/needed'
import { conclusion, type Ends, endsOf, isNarrow, openEnds } from './conclusion'
import { retryRun } from './diverged'
import { gainRun } from './gain'
import { pilot, pilotTokens, sameTrial } from './pilot'
import { ended, goesOn, lostLengths, mostLonger, type Point, pointsOf } from './points'
import type { Arm, Decision, Ended, Evidence, Next, Question, Trial } from './question'
import { outermostSeed, seedRun } from './seeds'

/**
 * 1, 4, 16, 64 … until the target is reached, down again from the pilot's length; then between.
 * @param lost lengths that diverged twice: they are stepped over
 */
function nextLength(
  { within, longest }: Question,
  { below, reached }: Ends,
  lost: readonly number[],
): number | undefined {
  if (reached === undefined) {
    const last = Math.max(below?.tokens ?? 0, ...lost)
    const up = Math.min(longest, (last === 0 ? pilotTokens / 4 : last) * 4)
    return up <= last ? undefined : up
  }
  if (below === undefined) return shorter(reached.tokens, lost)
  if (reached.tokens / below.tokens <= within) return undefined
  const [low, high] = [below.tokens, reached.tokens]
  const middle = middleOf(low, high)
  return [middle, middleOf(middle, high), middleOf(low, middle)].find(
    tokens => tokens > low && tokens < high && !lost.includes(tokens),
  )
}

const middleOf = (low: number, high: number): number => Math.round(Math.sqrt(low * high))

/** A quarter, and so on down to 1. */
function shorter(tokens: number, lost: readonly number[]): number | undefined {
  if (tokens === 1) return undefined
  const next = Math.ceil(tokens / 4)
  return lost.includes(next) ? shorter(next, lost) : next
}

const bareRun = (kind: Trial['kind'], tokens: number, reason: string): Next => ({
  kind: 'run',
  trial: { kind, tokens, arm: undefined, seed: 1 },
  steps: 0,
  isMeasured: true,
  reason,
})

/** What stands beside the soft prompts, measured before them. */
function baselineRun(question: Question, { trials, baseline }: Evidence): Next | Ended | undefined {
  const { reference, text } = question
  const wanted = [
    bareRun('none', 0, 'baseline: the model without a prompt'),
    bareRun('start-token', 0, 'baseline: the model with the start token alone'),
    ...(text === null
      ? []
      : [bareRun('text', text, `baseline: the text prompt, ${lengthWord(text)}`)]),
    ...(reference === null
      ? []
      : [bareRun('reference', 0, `reference: what ${reference} reaches on the same data`)]),
  ]
  const missing = wanted.find(({ trial }) => !trials.some(t => t.kind === trial.kind))
  if (missing !== undefined) return missing
  if (question.target !== null && baseline === 'there')
    return ended('there-already', 'the model reaches the target without a soft prompt')
  return undefined
}

/**
 * Training that had not ended goes on: of a length below one that reaches the target, before it says "below"; of the
 * longest, before none reaches it. What is shorter than a length that fails is below as well.
 */
function longerRun({ steps, longest }: Question, { below, reached }: Ends): Next | undefined {
  if (reached === undefined && below !== undefined && below.tokens < longest) return undefined
  const trial = below?.trials.find(t => t.isFalling && t.steps < mostLonger * steps)
  return trial && goesOn(trial, steps, `${lengthWord(trial.tokens)} are below the target`)
}

/** What noise leaves open between two lengths, lengths farther out may enclose. */
function outerRun(
  question: Question,
  { range, trials }: Evidence,
  points: readonly Point[],
  arm: Arm,
): Next | undefined {
  const { steps, longest } = question
  const [shortest, last] = [points[0]?.tokens ?? 1, points.at(-1)?.tokens ?? longest]
  const isLowOpen = (range?.low ?? 0) === 0 && shortest > 1
  const isHighOpen = !Number.isFinite(range?.high ?? Number.POSITIVE_INFINITY) && last < longest
  // an end that lies at 1 token, or beyond the longest, has nothing farther out
  if (!isLowOpen && !isHighOpen) return undefined
  const tokens = isLowOpen ? Math.ceil(shortest / 4) : Math.min(longest, last * 4)
  if (lostLengths(question, trials, arm).includes(tokens)) return undefined
  const side = isLowOpen ? 'surely below the target' : 'surely at the target'
  return {
    kind: 'run',
    trial: { kind: 'trained', tokens, arm, seed: 1 },
    steps,
    isMeasured: true,
    reason: `noise leaves it open which length is ${side}: ${lengthWord(tokens)}`,
  }
}

/** The same training on data that say nothing of what is asked: what it reaches, the prompt itself taught. */
function controlRun(
  question: Question,
  trials: readonly Trial[],
  arm: Arm,
  { reached }: Ends,
): Next | undefined {
  const { control } = question
  const [like] = reached?.trials ?? []
  if (control === null || like === undefined) return undefined
  const own = like.arm ?? arm
  if (trials.some(t => t.kind === 'control')) return retryRun(question, trials, 'control', own)
  return {
    kind: 'run',
    trial: { kind: 'control', tokens: like.tokens, arm: own, seed: 1 },
    steps: like.steps,
    isMeasured: true,
    reason: `control: ${lengthWord(like.tokens)} trained on ${control} must not reach the target`,
  }
}

function unlimited(question: Question, evidence: Evidence): Decision {
  const { trials, range } = evidence
  const first = baselineRun(question, evidence)
  if (first !== undefined) return first
  const arm = pilot(question, trials)
  if ('kind' in arm) return arm
  const again = retryRun(question, trials, 'trained', arm)
  if (again !== undefined) return again
  if (question.target === null) return gainRun(question, evidence, arm)
  const lost = lostLengths(question, trials, arm)
  const points = pointsOf(question, trials, arm)
  const ends = endsOf(points)
  const longer = longerRun(question, ends)
  if (longer !== undefined) return longer
  const tokens = nextLength(question, ends, lost)
  if (tokens !== undefined)
    return {
      kind: 'run',
      trial: { kind: 'trained', tokens, arm, seed: 1 },
      steps: question.steps,
      isMeasured: true,
      reason: lengthReason(tokens, ends),
    }
  // an end that noise leaves open may lie within a range that is narrow enough
  const isOpen = !isNarrow(question, range, ends) && openEnds(range, ends).length > 0
  return (
    (isOpen ? seedRun(question, evidence, points) : undefined) ??
    (isOpen ? outerRun(question, evidence, points, arm) : undefined) ??
    (isOpen ? outermostSeed(question, evidence, points) : undefined) ??
    controlRun(question, trials, arm, ends) ??
    conclusion(question, evidence, ends, lost)
  )
}

function lengthReason(tokens: number, { below, reached }: Ends): string {
  if (reached === undefined)
    return below === undefined
      ? `the first length, ${lengthWord(tokens)}`
      : `${lengthWord(below.tokens)} do not reach the target: on to ${tokens}`
  if (below === undefined)
    return `${lengthWord(reached.tokens)} reach the target: down to ${tokens}`
  return `the target is reached between ${below.tokens} and ${reached.tokens} tokens: ${tokens}`
}

/** Optimizer steps that a run takes, beyond those that it has. */
export const stepsOf = (trials: readonly Trial[], next: Next): number =>
  next.steps - (trials.find(t => sameTrial(t, next.trial))?.steps ?? 0)

/** Optimizer steps of all runs so far. */
export const stepsDone = (trials: readonly Trial[]): number =>
  trials.reduce((sum, t) => sum + t.steps, 0)

/** The next run and its reason, or the end. */
export function nextRun(question: Question, evidence: Evidence): Decision {
  const decision = unlimited(question, evidence)
  if (decision.kind === 'ended') return decision
  const { trials } = evidence
  const steps = stepsDone(trials) + stepsOf(trials, decision)
  if (steps <= question.budget) return decision
  return ended(
    'budget',
    `the budget of ${question.budget} steps is spent; next would be: ${decision.reason}`,
  )
}
