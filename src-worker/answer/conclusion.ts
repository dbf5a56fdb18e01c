// How a search stands between its two ends, and how it ends where no run would tell more.
import { lengthWord, lengthWords } from '../contract/needed'
import { saysNothing } from './diverged'
import { ended, type Point } from './points'
import type { Ended, Evidence, Question } from './question'

export interface Ends {
  /** the longest below the shortest that reaches it; undefined: the shortest length reaches it */
  readonly below: Point | undefined
  /** undefined: none reaches it */
  readonly reached: Point | undefined
}

export function endsOf(points: readonly Point[]): Ends {
  const at = points.findIndex(p => p.isReached)
  return at < 0
    ? { below: points.at(-1), reached: undefined }
    : { below: points[at - 1], reached: points[at] }
}

/** The ends that do not stand surely on their side of the target; without a range none does. */
export function openEnds(range: Evidence['range'], { below, reached }: Ends): Point[] {
  const isBelow = range !== null && range.low >= (below?.tokens ?? 0)
  const isReached = range !== null && range.high <= (reached?.tokens ?? Number.POSITIVE_INFINITY)
  return [isBelow ? undefined : below, isReached ? undefined : reached].filter(
    point => point !== undefined,
  )
}

/**
 * Whether the range that holds the first length that reaches the target is as narrow as was asked, or ends at neighbours,
 * wherever in it that length lies. What may lie below the shortest length is not.
 */
export const isNarrow = ({ within }: Question, range: Evidence['range'], { reached }: Ends) =>
  reached !== undefined &&
  range !== null &&
  range.low > 0 &&
  (range.high <= range.low * within || range.high - range.low <= 1)

/** A search decides by validation data; the card's own range comes from the test, and may be another. */
const rangeWords = (range: Evidence['range']): string => `on validation data ${boundsOf(range)}`

const boundsOf = (range: Evidence['range']): string =>
  range === null || (range.low === 0 && !Number.isFinite(range.high))
    ? 'the tokens needed are open'
    : Number.isFinite(range.high)
      ? `${range.low === 0 ? '' : `more than ${range.low}, `}at most ${lengthWord(range.high)}`
      : `more than ${lengthWord(range.low)}`

function openWords(open: Point, { rangeOfTraining }: Evidence, ends: Ends): string {
  const side = `on which side of the target the result with ${lengthWord(open.tokens)} lies`
  return openEnds(rangeOfTraining, ends).includes(open)
    ? `${open.trials.length} seeds do not tell ${side}`
    : `the held-out data are too few to tell ${side}`
}

const lostWords = (lengths: readonly number[]): string =>
  `${lengthWords(lengths)} diverged, also at a smaller learning rate`

/** Nothing reached the target: surely not, or some lengths say nothing. */
function notReached(question: Question, { below }: Ends, lost: readonly number[]): Ended {
  const beyond = lost.filter(tokens => tokens > (below?.tokens ?? 0))
  const by = `not reached by ${lengthWord(below?.tokens ?? question.longest)}`
  if (beyond.length === 0) return ended('no', by)
  const rest = `${lostWords(beyond)}, which says nothing of the behaviour`
  return ended('open', below === undefined ? rest : `${by}; ${rest}`)
}

/** @param lost lengths of which nothing is known, for their training diverged */
export function conclusion(
  question: Question,
  evidence: Evidence,
  ends: Ends,
  lost: readonly number[],
): Ended {
  const { range, trials } = evidence
  // whatever the noise leaves open: what shuffled data teach as well is no elicitation
  const controls = trials.filter(t => t.kind === 'control')
  const control = controls.find(t => !saysNothing(question, t))
  if (ends.reached && control !== undefined && control.cost <= (question.target ?? Number.NaN))
    return ended(
      'taught',
      `the prompt itself taught it: ${lengthWord(control.tokens)} trained on ${question.control} reach the target as well`,
    )
  const [open] = isNarrow(question, range, ends) ? [] : openEnds(range, ends)
  if (open !== undefined)
    return ended('open', `${rangeWords(range)}: ${openWords(open, evidence, ends)}`)
  const { below, reached } = ends
  if (reached === undefined) return notReached(question, ends, lost)
  if (controls.length > 0 && control === undefined)
    return ended(
      'open',
      `${rangeWords(range)}; the control diverged, also at a smaller learning rate: whether the prompt itself taught it is not known`,
    )
  const between = lost.filter(n => n > (below?.tokens ?? 0) && n < reached.tokens)
  return between.length > 0
    ? ended(
        'open',
        `${rangeWords(range)}; ${lostWords(between)}: whether they are enough is not known`,
      )
    : ended('narrow', rangeWords(range))
}
