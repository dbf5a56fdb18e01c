// The scorers of one's own behaviour: what a model wrote → a sum and a count, whose quotient over all answers is a share.
import { runInNewContext } from 'node:vm'
import type { Criterion } from '../../contract/behaviour'
import type { ExperimentSpec } from '../../contract/experiment-spec'
import { Fault, fail } from '../../contract/fault'
import { type Scorer, scorerOf } from '../../contract/scorer'
import { capitalsIn } from './capitals'
import { customSpec } from './data'
import { type Answered, judged } from './judge'

export const customTags = {
  exact: 'Exact match',
  prefix: 'Prefix match',
  choice: 'Multiple choice accuracy',
  choicePerToken: 'Multiple choice accuracy per token',
  choicePerByte: 'Multiple choice accuracy per byte',
  chance: 'Multiple choice chance level',
  logProb: 'Completion log-probability',
  beginsWith: 'Begins with the completion, share',
  contains: 'Contains the completion, share',
  regex: 'Regular expression match',
  number: 'Number match',
  capitals: 'Share of capitals',
  command: 'Score of the command',
} as const

/** Capitals of letters; of most scorers, 0 … 1 of 1. A count of 0 says nothing. */
export interface Score {
  readonly sum: number
  readonly count: number
}

interface Rule {
  readonly tag: string
  /** what the trivial answer scores: a number, or the tag of its measure */
  readonly chance: number | string
  readonly target: number
  /** whether the expected completion must fit into a sample whole */
  readonly needsWhole: boolean
}

const rule = (tag: string, over: Partial<Rule> = {}): Rule => ({
  ...{ tag, chance: 0, target: 0.5, needsWhole: true },
  ...over,
})
const rules: Readonly<Record<Scorer['kind'], Rule>> = {
  exact: rule(customTags.exact),
  'begins-with': rule(customTags.beginsWith),
  contains: rule(customTags.contains),
  number: rule(customTags.number),
  choice: rule(customTags.choicePerByte, { chance: customTags.chance }),
  regex: rule(customTags.regex, { needsWhole: false }),
  capitals: rule(customTags.capitals, { needsWhole: false, target: 0.9 }),
  command: rule(customTags.command, { needsWhole: false }),
}

export const customScorer = (experiment: ExperimentSpec): Scorer =>
  scorerOf(customSpec({ experiment }).scorer) ?? fail('the schema let a scorer pass')

export const ruleOf = (scorer: Scorer): Rule => rules[scorer.kind]

/** Whether answers are written for it: exact match and multiple choice are measured anyway. */
export const readsText = ({ kind }: Scorer): boolean => kind !== 'exact' && kind !== 'choice'

/** Whether it asks the same of every completion, whatever is expected behind its prompt. */
export const asksAlike = ({ kind }: Scorer): boolean => kind === 'regex' || kind === 'capitals'

export function customCriterion(experiment: ExperimentSpec): Criterion {
  const { tag, chance, target } = ruleOf(customScorer(experiment))
  return { kind: 'share', measure: tag, better: 'higher', chance, target }
}

/** For one pattern on one text, ms: a pattern can go back and forth for ever. */
const patternTime = 1000

function matches({ pattern, flags }: Scorer & { kind: 'regex' }, text: string): boolean {
  try {
    const code = 'new RegExp(pattern, flags).test(text)'
    return runInNewContext(code, { pattern, flags, text }, { timeout: patternTime }) === true
  } catch (cause) {
    throw new Fault(
      'usage',
      `the regular expression ${pattern} took more than ${patternTime / 1000} s on a text of ${text.length} characters`,
      'Write it without one repetition inside another.',
      { cause },
    )
  }
}

/** The first number, thousands with commas or without; NaN: there is none. */
export function numberIn(text: string): number {
  const found = /[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+]?\.\d+/.exec(text)
  return found === null ? Number.NaN : Number(found[0].replaceAll(',', ''))
}

/** White space around either does not count; capitals do. */
function isRight(scorer: Scorer, { written, expected }: Answered): boolean {
  const [own, wanted] = [written.trim(), expected.trim()]
  switch (scorer.kind) {
    case 'begins-with':
      return own.startsWith(wanted)
    case 'contains':
      return own.includes(wanted)
    case 'number':
      return Math.abs(numberIn(own) - numberIn(wanted)) <= scorer.tolerance
    case 'regex':
      return matches(scorer, written)
    default:
      return fail(`${scorer.kind} reads no text`)
  }
}

/** One score an answer, in their order. Faults: those of a judge; usage (a pattern without an end). */
export async function scored(scorer: Scorer, answers: readonly Answered[]): Promise<Score[]> {
  if (scorer.kind === 'command')
    return (await judged(scorer, answers)).map(sum => ({ sum, count: 1 }))
  if (scorer.kind === 'capitals')
    return answers.map(({ written }) => {
      const { capitals, letters } = capitalsIn(written)
      return { sum: capitals, count: letters }
    })
  return answers.map(answer => ({ sum: Number(isRight(scorer, answer)), count: 1 }))
}
