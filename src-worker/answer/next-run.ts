// Which run next, and why: a pure function of what the runs so far say. So it resumes, and a second machine can help.
import { pilot, pilotTokens, sameArm } from './pilot'
import type { Arm, Decision, Ended, Evidence, Next, Question, Trial } from './question'

/** full runs may go on to this many times their steps */
const mostLonger = 4

const ended = (because: Ended['because'], reason: string): Ended => ({
  kind: 'ended',
  because,
  reason,
})
const word = (tokens: number): string => (tokens === 1 ? '1 token' : `${tokens} tokens`)
const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length

interface Point {
  readonly tokens: number
  readonly trials: readonly Trial[]
  readonly isReached: boolean
}

/** The curve of the arm that won: its full runs by length. */
export function pointsOf({ target, steps }: Question, trials: readonly Trial[], arm: Arm): Point[] {
  const own = trials.filter(t => t.kind === 'trained' && sameArm(t.arm, arm) && t.steps >= steps)
  const lengths = [...new Set(own.map(t => t.tokens))].sort((a, b) => a - b)
  return lengths.map(tokens => {
    const at = own.filter(t => t.tokens === tokens)
    return { tokens, trials: at, isReached: mean(at.map(t => t.cost)) <= target }
  })
}

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

function baselineRun({ trials, baseline }: Evidence): Next | Ended | undefined {
  const missing = (['none', 'start-token'] as const).find(
    kind => !trials.some(t => t.kind === kind),
  )
  if (missing !== undefined)
    return {
      kind: 'run',
      trial: { kind: missing, tokens: 0, arm: undefined, seed: 1 },
      steps: 0,
      reason: `baseline: the model ${missing === 'none' ? 'without a prompt' : 'with the start token alone'}`,
    }
  if (baseline === 'there')
    return ended('there-already', 'the model reaches the target without a soft prompt')
  return undefined
}

/** A point below the target whose training had not ended goes on before it says "below". */
function longerRun({ steps }: Question, { below }: Ends): Next | undefined {
  const trial = below?.trials.find(t => t.isFalling && t.steps < mostLonger * steps)
  if (trial === undefined) return undefined
  return {
    kind: 'run',
    trial,
    steps: Math.min(mostLonger * steps, trial.steps * 2),
    reason: `${word(trial.tokens)} are below the target, but the training loss was not seen to level off by step ${trial.steps}`,
  }
}

/** The ends that do not stand surely on their side of the target; without a range none does. */
function openEnds(range: Evidence['range'], { below, reached }: Ends): Point[] {
  const isBelow = range !== null && range.low >= (below?.tokens ?? 0)
  const isReached = range !== null && range.high <= (reached?.tokens ?? Number.POSITIVE_INFINITY)
  return [isBelow ? undefined : below, isReached ? undefined : reached].filter(
    point => point !== undefined,
  )
}

/** Another seed at the open end that has fewer. */
function seedRun({ seeds }: Question, range: Evidence['range'], ends: Ends): Next | undefined {
  const [fewest] = openEnds(range, ends).sort((a, b) => a.trials.length - b.trials.length)
  const first = fewest?.trials[0]
  if (fewest === undefined || first === undefined || fewest.trials.length >= seeds) return undefined
  const seed = Math.max(...fewest.trials.map(t => t.seed)) + 1
  return {
    kind: 'run',
    trial: { kind: 'trained', tokens: fewest.tokens, arm: first.arm, seed },
    steps: first.steps,
    reason:
      range === null
        ? `the noise of training is not known yet: seed ${seed} of ${word(fewest.tokens)}`
        : `noise decides on which side of the target ${word(fewest.tokens)} stand: seed ${seed}`,
  }
}

/** The same training with completions shuffled among prompts: what it reaches, the prompt itself taught. */
function controlRun(
  { steps, hasControl }: Question,
  trials: readonly Trial[],
  arm: Arm,
  { reached }: Ends,
): Next | undefined {
  if (!hasControl || reached === undefined || trials.some(t => t.kind === 'control'))
    return undefined
  return {
    kind: 'run',
    trial: { kind: 'control', tokens: reached.tokens, arm, seed: 1 },
    steps,
    reason: `control: ${word(reached.tokens)} trained on completions shuffled among prompts must not reach the target`,
  }
}

const rangeWords = (range: Evidence['range']): string =>
  range === null
    ? 'the tokens needed are open'
    : `more than ${range.low}${Number.isFinite(range.high) ? `, at most ${word(range.high)}` : ' tokens'}`

function conclusion(question: Question, range: Evidence['range'], ends: Ends): Ended {
  const [open] = openEnds(range, ends)
  if (open !== undefined)
    return ended(
      'open',
      `${rangeWords(range)}: ${open.trials.length} seeds do not tell on which side of the target ${word(open.tokens)} stand`,
    )
  const { below, reached } = ends
  return reached === undefined
    ? ended('no', `not reached by ${word(below?.tokens ?? question.longest)}`)
    : ended('narrow', rangeWords(range))
}

function unlimited(question: Question, evidence: Evidence): Decision {
  const { trials, range } = evidence
  const first = baselineRun(evidence)
  if (first !== undefined) return first
  const arm = pilot(question, trials)
  if ('kind' in arm) return arm
  const ends = endsOf(pointsOf(question, trials, arm))
  const longer = longerRun(question, ends)
  if (longer !== undefined) return longer
  const tokens = nextLength(question, ends)
  if (tokens !== undefined)
    return {
      kind: 'run',
      trial: { kind: 'trained', tokens, arm, seed: 1 },
      steps: question.steps,
      reason: lengthReason(tokens, ends),
    }
  return (
    seedRun(question, range, ends) ??
    controlRun(question, trials, arm, ends) ??
    conclusion(question, range, ends)
  )
}

function lengthReason(tokens: number, { below, reached }: Ends): string {
  if (reached === undefined)
    return below === undefined
      ? `the first length, ${word(tokens)}`
      : `${word(below.tokens)} do not reach the target: on to ${tokens}`
  if (below === undefined) return `${word(reached.tokens)} reach the target: down to ${tokens}`
  return `the target is reached between ${below.tokens} and ${reached.tokens} tokens: ${tokens}`
}

const stepsAfter = (trials: readonly Trial[], next: Next): number => {
  const before = trials.find(
    t =>
      t.kind === next.trial.kind &&
      t.tokens === next.trial.tokens &&
      t.seed === next.trial.seed &&
      sameArm(t.arm, next.trial.arm),
  )
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
