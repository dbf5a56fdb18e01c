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
  /** beyond the control, first sight saved more than the learning cost */
  z.object({ kind: z.literal('elicited') }),
  /** its control accounts for what it gains; or beyond it, less was saved at first sight than was paid for it */
  z.object({ kind: z.literal('taught') }),
  /** whether it gains more than its control; or whether first sight saved more than the learning cost */
  z.object({ kind: z.literal('undecided') }),
])
export type BitsVerdict = z.infer<typeof bitsVerdictSchema>

const answerSchema = z.object({
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
  /** what the control's labels cost more than the run's, each behind its own final prompt; null: no control, or an older version */
  dearer: bitsSchema.nullable().default(null),
  verdict: bitsVerdictSchema,
})
export type BitsAnswer = z.infer<typeof answerSchema>

/** A gain is beyond the control's when it surely is by more than this share of the run's own: seeds differ, too. */
const leastBeyond = 0.1
/** The control accounts for a gain when surely less than this share of it lies beyond: most of the gain decides. */
const mostBeyond = 0.5

type Gains = Pick<BitsAnswer, 'own' | 'beyond' | 'dearer'>

/** Whether a difference from the control is surely a part of the gain, surely hardly any of it, or noise hides it. */
function partOf({ low, high }: Bits, gained: number): 'some' | 'hardly any' | 'open' {
  if (low !== null && low > leastBeyond * gained) return 'some'
  return high !== null && high < mostBeyond * gained ? 'hardly any' : 'open'
}

/** The verdict of a gain that is not surely more than its control's; undefined: it is. */
export function verdictByControl({ own, beyond, dearer }: Gains): BitsVerdict | undefined {
  const differences = [beyond?.final ?? [], dearer ?? []].flat()
  const parts = differences.map(difference => partOf(difference, own.final.value))
  if (parts.every(part => part === 'some')) return undefined
  const isTaught = dearer !== null && parts.every(part => part === 'hardly any')
  return { kind: isTaught ? 'taught' : 'undecided' }
}

/** Of older versions: what is not surely more than the control's was one verdict, whatever noise hid. */
const olderSchema = z.object({ kind: z.literal('nothing-beyond') })

export const bitsAnswerSchema = answerSchema
  .extend({ verdict: z.union([bitsVerdictSchema, olderSchema]) })
  .transform(({ verdict, ...answer }): BitsAnswer => {
    if (verdict.kind !== 'nothing-beyond') return { ...answer, verdict }
    return { ...answer, verdict: verdictByControl(answer) ?? { kind: 'undecided' } }
  })

const rounded = (value: number): string => String(Math.round(value))
const range = ({ value, low, high }: Bits): string =>
  low === null || high === null
    ? rounded(value)
    : `${rounded(value)} (95 %: ${rounded(low)} to ${rounded(high)})`

const paidFor = ({ first, paid }: BitGain): string =>
  `beyond its control it saved ${range(first)} bits at first sight and paid ${range(paid)} while it was learnt`

/** Taught or undecided, by what its control saved and what the answers of both cost in the end. */
function controlSentence(
  { own, ofControl, beyond, dearer }: BitsAnswer,
  isTaught: boolean,
): string {
  const saved = `the final prompt saves ${rounded(own.final.value)} bits, its control’s ${rounded(ofControl?.final.value ?? Number.NaN)}, a difference of ${range(beyond?.final ?? own.final)}`
  if (dearer === null)
    return `Undecided whether it gains more than its control, whose answers say nothing: ${saved}; what the answers of both cost in the end was not kept: read it in bits again.`
  const both = `${saved}; its answers cost ${range(dearer)} bits less than its control’s in the end`
  return isTaught
    ? `Taught: training on answers that say nothing saves as much. Here ${both}: both surely less than half of what it saves, so nothing of what its answers say was surely found.`
    : `Undecided whether it gains more than its control, whose answers say nothing: ${both}; not both are surely more than a tenth of what it saves, nor both surely less than half.`
}

/** The verdict in one sentence. */
export function bitsSentence(answer: BitsAnswer): string {
  const { verdict, own, beyond, steps } = answer
  if (own.final.low === null)
    return `No verdict: ${steps === 1 ? '1 step is' : `${steps} steps are`} too few for an interval, which needs three.`
  const byControl = beyond === null ? undefined : verdictByControl(answer)
  if (byControl?.kind === verdict.kind) return controlSentence(answer, verdict.kind === 'taught')
  const more = beyond ?? own
  const sentences: Readonly<Record<BitsVerdict['kind'], string>> = {
    'no-control':
      'No verdict: it needs a control, for even shuffled answers look as if they were found at once.',
    'no-gain': `Nothing gained: the final prompt saves ${range(own.final)} bits of its own training data.`,
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
