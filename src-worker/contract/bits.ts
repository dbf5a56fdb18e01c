// A run's training data as a code: what its labels cost in bits, and what that says of where the behaviour came from.
import { z } from 'zod'

const nats = z.array(z.number())

/**
 * code-length.json of a run: its training data at their first sight, one entry a step, in nats. Steps from the one on that
 * sees a record again are left out.
 */
export const codeLengthSchema = z.object({
  /** of the soft prompt that `final` is read with */
  step: z.int(),
  /** Σ weights of the labels */
  labels: nats,
  /** with the prompt as it was before it learned from them (the prequential code) */
  first: nats,
  /** with the prompt of the run's end */
  final: nats,
  /** without a prompt */
  none: nats,
  /** behind the start token alone; null: the model names none */
  startToken: nats.nullable(),
})
export type CodeLength = z.infer<typeof codeLengthSchema>

/** Bits, with the 95 % interval; null: too few steps to know the noise of the data. */
export const bitsSchema = z.object({
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})
export type Bits = z.infer<typeof bitsSchema>

/** What was gained over the better baseline, over the same labels. */
export const bitGainSchema = z.object({
  /** before the prompt had learned from them */
  first: bitsSchema,
  /** with the final prompt */
  final: bitsSchema,
  /** final − first: what was paid while the prompt was learnt */
  paid: bitsSchema,
})
export type BitGain = z.infer<typeof bitGainSchema>

export const bitsVerdictSchema = z.discriminatedUnion('kind', [
  /** nothing to compare it with */
  z.object({ kind: z.literal('no-control') }),
  /** the final prompt does not surely save a bit */
  z.object({ kind: z.literal('no-gain') }),
  /** what it gains, its control gains as well */
  z.object({ kind: z.literal('nothing-beyond') }),
  /** beyond the control, first sight saved more than the learning cost */
  z.object({ kind: z.literal('elicited') }),
  /** beyond the control, less was saved at first sight than was paid for it */
  z.object({ kind: z.literal('taught') }),
  z.object({ kind: z.literal('undecided') }),
])
export type BitsVerdict = z.infer<typeof bitsVerdictSchema>

export const bitsAnswerSchema = z.object({
  run: z.string(),
  /** empty: none */
  control: z.string(),
  baseline: z.enum(['none', 'start-token']),
  /** steps and labels that are read, of which the run has so many steps */
  steps: z.int(),
  labels: z.number(),
  trainedSteps: z.int(),
  /** bits that the labels cost with the better baseline */
  cost: z.number(),
  own: bitGainSchema,
  /** of the control, over the labels of the run */
  ofControl: bitGainSchema.nullable(),
  /** own − ofControl */
  beyond: bitGainSchema.nullable(),
  verdict: bitsVerdictSchema,
})
export type BitsAnswer = z.infer<typeof bitsAnswerSchema>

const rounded = (value: number): string => String(Math.round(value))
const range = ({ value, low, high }: Bits): string =>
  low === null || high === null
    ? rounded(value)
    : `${rounded(value)} (95 %: ${rounded(low)} to ${rounded(high)})`

const paidFor = ({ first, paid }: BitGain): string =>
  `beyond its control it saved ${range(first)} bits at first sight and paid ${range(paid)} while it was learnt`

/** The verdict in one sentence. */
export function bitsSentence({ verdict, own, beyond, steps }: BitsAnswer): string {
  if (own.final.low === null)
    return `No verdict: ${steps === 1 ? '1 step is' : `${steps} steps are`} too few for an interval, which needs three.`
  const more = beyond ?? own
  const sentences: Readonly<Record<BitsVerdict['kind'], string>> = {
    'no-control':
      'No verdict: it needs a control, for even shuffled answers look as if they were found at once.',
    'no-gain': `Nothing gained: the final prompt saves ${range(own.final)} bits of its own training data.`,
    'nothing-beyond': `Nothing beyond its control, whose answers say nothing: the final prompt saves ${range(more.final)} bits more than the control’s, of ${rounded(own.final.value)}.`,
    elicited: `Elicited: ${paidFor(more)}.`,
    taught: `Taught: ${paidFor(more)}.`,
    undecided: `Undecided whether elicited or taught: ${paidFor(more)}.`,
  }
  return sentences[verdict.kind]
}

/** The code lengths behind the figures: without a prompt, as it was learnt, with the final one. */
export function bitsCost({ cost, labels, own, baseline }: BitsAnswer): string {
  const bare = baseline === 'none' ? 'without a prompt' : 'behind the start token'
  const [first, final] = [own.first, own.final].map(({ value }) => rounded(cost - value))
  return `The ${rounded(labels)} labels of its training data cost ${rounded(cost)} bits ${bare}, ${first} while the prompt was learnt, ${final} with the final prompt.`
}

/** A row for the run, its control and what is beyond: saved at first sight, by the final prompt, paid, gain a label. */
export function bitsRows(answer: BitsAnswer): string[][] {
  const row = (name: string, gain: BitGain | null): string[][] =>
    gain === null
      ? []
      : [
          [
            ...[name, range(gain.first), range(gain.final), range(gain.paid)],
            (gain.first.value / answer.labels).toFixed(3),
            (gain.final.value / answer.labels).toFixed(3),
          ],
        ]
  return [
    ...row('this run', answer.own),
    ...row('its control', answer.ofControl),
    ...row('beyond the control', answer.beyond),
  ]
}

export const bitsHeadings = [
  '',
  'saved at first sight',
  'by the final prompt',
  'paid',
  'a label, first',
  'a label, final',
]

/** What is read: how much of the training, and against what. */
export const bitsScope = ({ steps, trainedSteps, labels, cost, baseline }: BitsAnswer): string =>
  `${rounded(labels)} labels of ${steps} of ${trainedSteps} steps, those that see no record again; ` +
  `${rounded(cost)} bits ${baseline === 'none' ? 'without a prompt' : 'behind the start token'}`
