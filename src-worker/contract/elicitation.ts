// Elicited, or not: what comes before any number of tokens. One answer for each behaviour of each model; app, command line
// and report render it with elicitationText.
import { z } from 'zod'
import { exampleSchema, runSourceSchema } from './analysed-run'
import { bitsAnswerSchema, bitsCost, bitsSentence } from './bits'
import {
  type Axis,
  axisSchema,
  lengthWord,
  lengthWords,
  neededName,
  type TokensNeeded,
  tokensNeededSchema,
  unitWord,
} from './needed'

const shareSchema = z.object({
  tokens: z.int().nonnegative(),
  kind: z.enum(['trained', 'none', 'start-token', 'text-prompt', 'imported-prompt', 'control']),
  value: z.number(),
  /** 95 %; null: the noise is unknown */
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
})
export type MeasuredShare = z.infer<typeof shareSchema>

export const elicitationStateSchema = z.discriminatedUnion('kind', [
  /** `at`: the shortest prompt that reaches the target */
  z.object({ kind: z.literal('elicited'), at: shareSchema, needed: tokensNeededSchema }),
  /** every trained length lies surely below the target; `at`: the best of them */
  z.object({ kind: z.literal('not-elicited'), at: shareSchema, longest: z.int().positive() }),
  /** a baseline surely reaches it */
  z.object({ kind: z.literal('there-already'), at: shareSchema }),
  z.object({ kind: z.literal('undecided'), reason: z.string() }),
  /** no yes or no: bits a token gained over the better baseline by the best length; null: none is measured */
  z.object({ kind: z.literal('gain'), bits: shareSchema.nullable() }),
])
export type ElicitationState = z.infer<typeof elicitationStateSchema>

/** Whether what the prompt gained was found or paid for: of one run at the length that the state speaks of, if it has it. */
export const elicitationBitsSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('read'),
    tokens: z.int().nonnegative(),
    answer: bitsAnswerSchema,
    /** why this behaviour can have no control; empty: it can */
    noControl: z.string(),
  }),
  /** a soft prompt is trained; `run`: the one that a control would be trained for */
  z.object({ kind: z.literal('unread'), run: z.string() }),
  z.object({ kind: z.literal('none'), reason: z.string() }),
])
export type ElicitationBits = z.infer<typeof elicitationBitsSchema>

export const elicitationSchema = z.object({
  behaviour: z.string(),
  behaviourLabel: z.string(),
  model: z.string(),
  label: z.string(),
  source: runSourceSchema,
  /** what its tokens count */
  axis: axisSchema.default('tokens'),
  /** what is measured, as a tag or in words */
  measure: z.string(),
  /** null: no yes or no */
  target: z.number().nullable(),
  /** what the trivial answer scores on the same held-out units; null: no yes or no, or not measured */
  chance: z.number().nullable(),
  state: elicitationStateSchema,
  /** no prompt and start token, where they were measured */
  baselines: z.array(shareSchema),
  /** every trained length, shortest first; bits a token gained where there is no yes or no */
  trained: z.array(shareSchema),
  /** other measures at the length that the state speaks of */
  beside: z.array(
    z.object({
      measure: z.string(),
      /** null: not measured */
      value: z.number().nullable(),
      why: z.string().default(''),
    }),
  ),
  /** a real completion at that length, without the prompt and with it; null: none was written */
  example: exampleSchema.nullable(),
  bits: elicitationBitsSchema,
  /** trained lengths that say nothing, for their training diverged: they reach no target and are not held to miss it */
  diverged: z.array(z.int().positive()),
  /** trained lengths that surely end below a shorter one: they missed their optimum and are not read */
  missed: z.array(z.int().positive()).default([]),
  /** lengths that were trained to their end, and of which this measure was never taken: the answer knows nothing of them */
  unmeasured: z.array(z.int().positive()).default([]),
  /** one seed at every length: the noise of training is in none of the intervals */
  isOneSeed: z.boolean().default(false),
  /** a control that reaches the target, whose data say nothing of it; null: none does, or the state says so */
  control: shareSchema.nullable().default(null),
  /** runs done, of those there are; over: done, or failed for good */
  runs: z.object({
    done: z.int().nonnegative(),
    all: z.int().nonnegative(),
    over: z.int().nonnegative(),
    /** what failed, and did not diverge; command: what goes on with it, empty: it is none of ours */
    failures: z.array(z.object({ run: z.string(), reason: z.string(), command: z.string() })),
    /** what diverged */
    diverged: z.array(z.string()).default([]),
  }),
})
export type Elicitation = z.infer<typeof elicitationSchema>

/** What to do next stands as a command in a terminal; the window has a button for it. */
export type NextStep = 'command' | 'button'

/** 0.94, 0.0043. */
const number = (value: number): string =>
  String(Number(Math.abs(value) < 0.1 ? value.toPrecision(2) : value.toFixed(2))).replace(/^-/, '−')
export const placeOf = ({ kind, tokens }: MeasuredShare, axis: Axis = 'tokens'): string =>
  kind === 'none'
    ? 'without a prompt'
    : kind === 'start-token'
      ? 'with the start token alone'
      : kind === 'text-prompt'
        ? `with the text prompt (${lengthWord(tokens, axis)})`
        : kind === 'imported-prompt'
          ? `with the imported prompt (${lengthWord(tokens, axis)})`
          : kind === 'control'
            ? `with its control (${lengthWord(tokens, axis)})`
            : `with ${lengthWord(tokens, axis)}`

/** '0.94 (95 %: 0.88 – 0.97)'. */
export function valueText({ value, interval }: MeasuredShare): string {
  const sure = interval ? ` (95 %: ${number(interval.low)} – ${number(interval.high)})` : ''
  return `${number(value)}${sure}`
}

/** '0.94 (95 %: 0.88 – 0.97) with 4 tokens'. */
export const shareText = (at: MeasuredShare, axis: Axis = 'tokens'): string =>
  `${valueText(at)} ${placeOf(at, axis)}`

/** '0.94 (…) with its control (4 tokens), whose data say nothing of it, reaches the target'. */
export const controlReaches = (control: MeasuredShare, axis: Axis = 'tokens'): string =>
  `${shareText(control, axis)}, whose data say nothing of it, reaches the target`

/** Empty: none does, or the state says so itself. */
export function controlText({ control, axis }: Pick<Elicitation, 'control' | 'axis'>): string {
  if (control === null) return ''
  return `${controlReaches(control, axis)}: the prompts trained worse than it, or the target asks for nothing that only their data say`
}

const oneSeedWords = 'One seed at every length: the noise of training is in none of these intervals'

/** 'Trained, but without this measure, so nothing is said of them: 8 tokens, 16 tokens'; empty: there are none. */
export function unmeasuredText({ unmeasured, axis }: Pick<Elicitation, 'unmeasured' | 'axis'>) {
  const lengths = lengthWords(unmeasured, axis)
  return lengths && `Trained, but without this measure, so nothing is said of them: ${lengths}`
}

/** '1 run failed (disk full): go on with spw resume 7'; empty: none did. */
export function failedText(
  { runs: { failures } }: Pick<Elicitation, 'runs'>,
  by: NextStep = 'command',
): string {
  const [first, ...others] = failures
  if (first === undefined) return ''
  const { reason } = first
  const why = reason === '' ? '' : ` (${others.length > 0 ? 'the first: ' : ''}${reason})`
  const commands = by === 'button' ? [] : failures.flatMap(f => f.command || [])
  const next = commands.length === 0 ? '' : `: go on with ${commands.join(' and ')}`
  return `${failures.length} run${others.length > 0 ? 's' : ''} failed${why}${next}`
}

/** Neither end is known: no number of tokens can be given. */
export const isOpenRange = (needed: TokensNeeded): boolean =>
  needed.kind === 'unknown' ||
  needed.interval === null ||
  (needed.interval.low.kind === 'by' && needed.interval.high.kind === 'beyond')

/** 'needs more than 1, at most 4 tokens'; bounds where an end is not measured. */
export function bracketText(needed: TokensNeeded, axis: Axis = 'tokens'): string {
  if (needed.kind === 'unknown') return needed.reason
  const { interval } = needed
  if (interval === null) return `the ${neededName(axis)} are open: the noise is unknown`
  if (isOpenRange(needed)) return `how many ${unitWord(2, axis)} it needs is open`
  const { low, high } = interval
  if (high.kind === 'beyond') return `needs more than ${lengthWord(low.tokens, axis)}`
  const above = low.kind === 'by' ? '' : `more than ${low.tokens}, `
  return `needs ${above}at most ${lengthWord(high.tokens, axis)}`
}

/** '[Exact match, target 0.5]' without its brackets; chance where it is not 0. */
function askedText({ measure, target, chance }: Elicitation): string {
  if (target === null) return measure
  const guessing = chance ? `, chance ${number(chance)}` : ''
  return `${measure}, target ${number(target)}${guessing}`
}

function stateText(elicitation: Elicitation): string {
  const { state, baselines, axis } = elicitation
  const share = (at: MeasuredShare): string => shareText(at, axis)
  const beside = baselines.map(share).join(' and ')
  const asked = askedText(elicitation)
  const rest = beside === '' ? '' : `, beside ${beside}`
  switch (state.kind) {
    case 'elicited':
      return `elicited, ${share(state.at)}${rest} [${asked}]; ${bracketText(state.needed, axis)}`
    case 'not-elicited':
      return `not elicited by ${lengthWord(state.longest, axis)}: at best ${share(state.at)}${rest} [${asked}]`
    case 'there-already':
      return `there without a prompt: ${share(state.at)} [${asked}]`
    case 'undecided':
      return `undecided: ${state.reason} [${asked}]`
    case 'gain':
      return state.bits === null
        ? 'no yes or no; no gain over a baseline is measured yet'
        : `no yes or no; bits a token gained: ${share(state.bits)}`
  }
}

/** What it is in bits: a verdict against its control, or why there is none. */
export function bitsText(
  { bits, axis }: Pick<Elicitation, 'bits' | 'axis'>,
  by: NextStep = 'command',
): string {
  const command = bits.kind === 'unread' ? ` (spw bits ${bits.run} --make-control does it)` : ''
  if (bits.kind === 'unread')
    return `In bits: no verdict, for it is not measured${by === 'button' ? '' : command}.`
  if (bits.kind === 'none') return `In bits: no verdict, ${bits.reason}.`
  const { tokens, answer, noControl } = bits
  const verdict = noControl === '' ? bitsSentence(answer) : `No verdict: ${noControl}.`
  return `In bits, ${lengthWord(tokens, axis)}: ${verdict} ${bitsCost(answer)}`
}

/** One sentence: 'demo, chess: elicited, 0.94 (95 %: …) with 4 tokens, beside …'. */
export function elicitationText(answer: Elicitation, by: NextStep = 'command'): string {
  const { done, over, all } = answer.runs
  const lost = lengthWords(answer.diverged, answer.axis)
  const diverged = lost && ` Diverged in training, which says nothing: ${lost}.`
  const short = lengthWords(answer.missed, answer.axis)
  const missed = short === '' ? '' : ` Surely worse than a shorter prompt, so not read: ${short}.`
  const one = answer.isOneSeed ? oneSeedWords : ''
  const said = [one, unmeasuredText(answer), controlText(answer), failedText(answer, by)]
  const remarks = said.map(words => (words === '' ? '' : ` ${words}.`)).join('')
  const preliminary = over < all ? `preliminary, ${done} of ${all} runs: ` : ''
  const others = answer.beside.map(({ measure, value, why }) =>
    value === null ? `${measure} not measured (${why})` : `${measure} ${number(value)}`,
  )
  const beside = others.length === 0 ? '' : ` Beside it: ${others.join(', ')}.`
  return `${answer.label}, ${answer.behaviourLabel}: ${preliminary}${stateText(answer)}.${remarks}${diverged}${missed}${beside}`
}
