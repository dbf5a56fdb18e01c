// Finding the answer: what is asked, the next run that the runs so far ask for, and how it stands while it goes on.
import { z } from 'zod'
import { elicitationSchema } from './elicitation'
import { faultDataSchema } from './fault'
import { promptTokensSchema, runSpecInputSchema } from './run-spec'

export const answerRequestSchema = z.object({
  /** experiment, model, data, and whatever else is fixed; length, seed, rate and initialisation are found */
  base: runSpecInputSchema,
  /** null: the behaviour's own; a share where its criterion is one, nats where it has no yes or no */
  target: z.number().nonnegative().nullable(),
  /** a model or a run that the criterion is read against; empty: the behaviour's own */
  reference: z.string().default(''),
  /** text that stands in place of a soft prompt, beside the other baselines; empty: none */
  textPrompt: z.string().default(''),
  /** it ends when the interval's ends are within this factor */
  within: z.number().gt(1),
  /** seconds of training in all; null: no limit */
  budgetSeconds: z.number().positive().nullable(),
  /** lengths beyond this are not tried */
  longest: promptTokensSchema,
})
export type AnswerRequest = z.output<typeof answerRequestSchema>

/** Name of the sweep of an answer's runs. @param hash of what they have in common */
export const answerSweep = (kind: string, hash: string): string =>
  `answer ${kind} ${hash.slice(0, 8)}`
export const isAnswerSweep = (sweep: string): boolean => /^answer [a-z-]+ [0-9a-f]{8}$/.test(sweep)

/** The request of making the data of an answer's control: its progress and its cancelling. */
export const makingOf = (id: string): string => `data of ${id}`

export const answerStepSchema = z.object({
  /** name of the sweep that its runs belong to: the same request finds them again */
  sweep: z.string(),
  measure: z.string(),
  /** in the measure's own unit; null: no yes or no, or its reference is not measured yet */
  target: z.number().nullable(),
  /** runs so far, and their seconds and optimizer steps of training */
  runs: z.array(z.string()),
  /** those of the way of training that won, the baselines, the reference and the control */
  curve: z.array(z.string()),
  seconds: z.number(),
  /** about, of training; null: nothing was trained yet, or it has ended */
  secondsLeft: z.number().nullable(),
  steps: z.number(),
  next: z.discriminatedUnion('kind', [
    /** resume: a run that goes on to `steps` in all, tested as `spec` says; null: a new one */
    z.object({
      kind: z.literal('run'),
      spec: runSpecInputSchema,
      resume: z.string().nullable(),
      steps: z.int(),
      reason: z.string(),
    }),
    z.object({
      kind: z.literal('ended'),
      because: z.enum(['narrow', 'no', 'there-already', 'taught', 'gain', 'budget', 'open']),
      reason: z.string(),
    }),
  ]),
  /** the answer so far as the analysis has it; null: nothing is measured, or a target in nats was asked */
  elicited: elicitationSchema.nullable(),
  /** a run that reaches the target and its control, to be read in bits; null: there is none, or it is read already */
  pair: z.object({ run: z.string(), control: z.string() }).nullable(),
  /** what the control reached, or why there is none: one sentence, empty before there is anything to control */
  control: z.string(),
  /** the whole answer in sentences, the first is the verdict; none before it has ended */
  verdict: z.array(z.string()),
})
export type AnswerStep = z.infer<typeof answerStepSchema>

/** How one answer stands. */
export const answerStateSchema = z.object({
  /** its sweep */
  id: z.string(),
  request: answerRequestSchema,
  kind: z.enum(['running', 'stopped', 'ended', 'failed']),
  /** null: it has just begun, or nobody has looked since the start of the app */
  step: answerStepSchema.nullable(),
  /** the run under way */
  run: z.string().nullable(),
  /** in place of it: a run of this answer that another process trains; it goes on when that has ended */
  awaited: z.string().nullable(),
  fault: faultDataSchema.nullable(),
})
export type AnswerState = z.infer<typeof answerStateSchema>
