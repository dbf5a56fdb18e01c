// Finding the answer: what is asked, and the next run that the runs so far ask for.
import { z } from 'zod'
import { runSpecInputSchema } from './run-spec'

export const answerRequestSchema = z.object({
  /** experiment, model, data, and whatever else is fixed; length, seed, rate and initialisation are found */
  base: runSpecInputSchema,
  /** null: the behaviour's own; a share for measures that are one, nats for losses */
  target: z.number().nullable(),
  /** it ends when the interval's ends are within this factor */
  within: z.number().gt(1),
  /** seconds of training in all; null: no limit */
  budgetSeconds: z.number().positive().nullable(),
  /** lengths beyond this are not tried */
  longest: z.int().min(1).max(2048),
})
export type AnswerRequest = z.infer<typeof answerRequestSchema>

export const answerStepSchema = z.object({
  /** name of the sweep that its runs belong to: the same request finds them again */
  sweep: z.string(),
  measure: z.string(),
  target: z.number(),
  /** runs so far, and their seconds and optimizer steps of training */
  runs: z.array(z.string()),
  /** those of the way of training that won, and the baselines */
  curve: z.array(z.string()),
  seconds: z.number(),
  steps: z.number(),
  next: z.discriminatedUnion('kind', [
    /** resume: a run that goes on to `steps` in all; null: a new one */
    z.object({
      kind: z.literal('run'),
      spec: runSpecInputSchema,
      resume: z.string().nullable(),
      steps: z.int(),
      reason: z.string(),
    }),
    z.object({
      kind: z.literal('ended'),
      because: z.enum(['narrow', 'no', 'there-already', 'budget', 'open']),
      reason: z.string(),
    }),
  ]),
  /** what training on shuffled completions reached, by the same measure; null: not trained */
  control: z.number().nullable(),
})
export type AnswerStep = z.infer<typeof answerStepSchema>
