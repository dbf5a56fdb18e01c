// Which run next, and why: a pure function of what the runs so far say. So it resumes, and a second machine can help.
import { lengthWord } from '../contract/needed'
import { gainRun } from './gain'
import { pilot, pilotTokens, sameTrial } from './pilot'
import { ended, goesOn, isFutile, mostLonger, type Point, pointsOf } from './points'
import type { Arm, Decision, Ended, Evidence, Next, Question, Trial } from './question'

interface Ends {
  /** the longest below the shortest that reaches it; undefined: the shortest length reaches it */
  readonly below: Point | undefined
  /** undefined: none reaches it */
  readonly reached: Point | undefined
}

function endsOf(points: readonly Point[]): Ends {
  const at = points.findIndex(p => p.isReached)
  return at < 0
    ? { below: points.at(-1), reached: undefined }
    : { below: points[at - 1], reached: points[at] }
}

/** 1, 4, 16, 64 … until the target is reached, down again from the pilot's length; then between. */
function nextLength({ within, longest }: Question, { below, reached }: Ends): number | undefined {
  if (reached === undefined) {
    const up = Math.min(longest, (below?.tokens ?? pilotTokens / 4) * 4)
    return below !== undefined && up <= below.tokens ? undefined : up
  }
  if (below === undefined) return reached.tokens === 1 ? undefined : Math.ceil(reached.tokens / 4)
  if (reached.tokens / below.tokens <= within) return undefined
  const middle = Math.round(Math.sqrt(below.tokens * reached.tokens))
  const isInside = middle > below.tokens && middle < reached.tokens
  return isInside ? middle : undefined
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

/** The ends that do not stand surely on their side of the target; without a range none does. */
function openEnds(range: Evidence['range'], { below, reached }: Ends): Point[] {
  const isBelow = range !== null && range.low >= (below?.tokens ?? 0)
  const isReached = range !== null && range.high <= (reached?.tokens ?? Number.POSITIVE_INFINITY)
  return [isBelow ? undefined : below, isReached ? undefined : reached].filter(
    point => point !== undefined,
  )
}

/**
 * Another seed at the open end that has fewer, of the lengths that seeds can place. Not where the test's noise decides:
 * no seed would help.
 */
function seedRun(
  question: Question,
  { range, rangeOfTraining }: Evidence,
  points: readonly Point[],
): Next | undefined {
  const ends = endsOf(points.filter(point => !isFutile(question, points, point)))
  const byTraining = openEnds(rangeOfTraining, ends)
  const [fewest] = openEnds(range, ends)
    .filter(point => byTraining.includes(point))
    .sort((a, b) => a.trials.length - b.trials.length)
  const first = fewest?.trials[0]
  if (fewest === undefined || first === undefined || fewest.trials.length >= question.seeds)
    return undefined
  const seed = Math.max(...fewest.trials.map(t => t.seed)) + 1
  return {
    kind: 'run',
    trial: { kind: 'trained', tokens: fewest.tokens, arm: first.arm, seed },
    steps: first.steps,
    isMeasured: true,
    reason:
      range === null
        ? `the noise of training is not known yet: seed ${seed} of ${lengthWord(fewest.tokens)}`
        : `noise decides on which side of the target the result with ${lengthWord(fewest.tokens)} lies: seed ${seed}`,
  }
}

/** What noise leaves open between two lengths, lengths farther out may enclose. */
function outerRun(
  { steps, longest }: Question,
  { range }: Evidence,
  points: readonly Point[],
  arm: Arm,
): Next | undefined {
  const [shortest, last] = [points[0]?.tokens ?? 1, points.at(-1)?.tokens ?? longest]
  const isLowOpen = (range?.low ?? 0) === 0 && shortest > 1
  const isHighOpen = !Number.isFinite(range?.high ?? Number.POSITIVE_INFINITY) && last < longest
  // an end that lies at 1 token, or beyond the longest, has nothing farther out
  if (!isLowOpen && !isHighOpen) return undefined
  const tokens = isLowOpen ? Math.ceil(shortest / 4) : Math.min(longest, last * 4)
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
  { control }: Question,
  trials: readonly Trial[],
  arm: Arm,
  { reached }: Ends,
): Next | undefined {
  const [like] = reached?.trials ?? []
  if (control === null || like === undefined || trials.some(t => t.kind === 'control'))
    return undefined
  return {
    kind: 'run',
    trial: { kind: 'control', tokens: like.tokens, arm, seed: 1 },
    steps: like.steps,
    isMeasured: true,
    reason: `control: ${lengthWord(like.tokens)} trained on ${control} must not reach the target`,
  }
}

const rangeWords = (range: Evidence['range']): string =>
  range === null || (range.low === 0 && !Number.isFinite(range.high))
    ? 'the tokens needed are open'
    : Number.isFinite(range.high)
      ? `more than ${range.low}, at most ${lengthWord(range.high)}`
      : `more than ${lengthWord(range.low)}`

function openWords(open: Point, { rangeOfTraining }: Evidence, ends: Ends): string {
  const side = `on which side of the target the result with ${lengthWord(open.tokens)} lies`
  return openEnds(rangeOfTraining, ends).includes(open)
    ? `${open.trials.length} seeds do not tell ${side}`
    : `the held-out data are too few to tell ${side}`
}

function conclusion(question: Question, evidence: Evidence, ends: Ends): Ended {
  const { range, trials } = evidence
  // whatever the noise leaves open: what shuffled data teach as well is no elicitation
  const control = trials.find(t => t.kind === 'control')
  if (control !== undefined && control.cost <= (question.target ?? Number.NaN))
    return ended(
      'taught',
      `the prompt itself taught it: ${lengthWord(control.tokens)} trained on ${question.control} reach the target as well`,
    )
  const [open] = openEnds(range, ends)
  if (open !== undefined)
    return ended('open', `${rangeWords(range)}: ${openWords(open, evidence, ends)}`)
  const { below, reached } = ends
  if (reached === undefined)
    return ended('no', `not reached by ${lengthWord(below?.tokens ?? question.longest)}`)
  return ended('narrow', rangeWords(range))
}

function unlimited(question: Question, evidence: Evidence): Decision {
  const { trials, range } = evidence
  const first = baselineRun(question, evidence)
  if (first !== undefined) return first
  const arm = pilot(question, trials)
  if ('kind' in arm) return arm
  if (question.target === null) return gainRun(question, evidence, arm)
  const points = pointsOf(question, trials, arm)
  const ends = endsOf(points)
  const longer = longerRun(question, ends)
  if (longer !== undefined) return longer
  const tokens = nextLength(question, ends)
  if (tokens !== undefined)
    return {
      kind: 'run',
      trial: { kind: 'trained', tokens, arm, seed: 1 },
      steps: question.steps,
      isMeasured: true,
      reason: lengthReason(tokens, ends),
    }
  const isOpen = openEnds(range, ends).length > 0
  return (
    seedRun(question, evidence, points) ??
    (isOpen ? outerRun(question, evidence, points, arm) : undefined) ??
    controlRun(question, trials, arm, ends) ??
    conclusion(question, evidence, ends)
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

const stepsAfter = (trials: readonly Trial[], next: Next): number => {
  const before = trials.find(t => sameTrial(t, next.trial))
  const done = trials.reduce((sum, t) => sum + t.steps, 0)
  return done + next.steps - (before?.steps ?? 0)
}

/** The next run and its reason, or the end. */
export function nextRun(question: Question, evidence: Evidence): Decision {
  const decision = unlimited(question, evidence)
  if (decision.kind === 'ended') return decision
  const steps = stepsAfter(evidence.trials, decision)
  if (steps <= question.budget) return decision
  return ended(
    'budget',
    `the budget of ${question.budget} steps is spent; next would be: ${decision.reason}`,
  )
}
