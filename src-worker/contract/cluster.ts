// Sweeps and answers that a cluster's scheduler runs: what it is asked for, and what becomes of each task.
import { z } from 'zod'
import { answerRequestSchema } from './answer'
import { sweepSpecInputSchema } from './run-spec'

/** A value of one of sbatch's options: nothing that could end its line. */
const option = z.string().regex(/^[\w.,:@/+=-]*$/, 'letters, digits and .,:@/+=- only')

export const slurmOptionsSchema = z.strictObject({
  /** empty: as the cluster is set */
  partition: option.default(''),
  /** such as gpu:1 */
  gres: option.default(''),
  account: option.default(''),
  /** time limit of a task, as sbatch takes it; a task that reaches it goes on from its checkpoint */
  time: z
    .string()
    .regex(/^((\d+-)?\d+(:\d+){0,2})?$/, 'minutes, H:M:S, or days-hours')
    .default(''),
  /** tasks of a sweep at once, at most; each trains cells one after another until none is left */
  arrayLimit: z.int().min(1).max(1000).default(16),
  /** lines of the shell to run on the node first, such as `module load` */
  setup: z.string().max(100_000).default(''),
})
export type SlurmOptions = z.infer<typeof slurmOptionsSchema>

export const submitRequestSchema = z.object({
  sweep: sweepSpecInputSchema,
  slurm: slurmOptionsSchema,
  fit: z.boolean().default(false),
})
export type SubmitRequest = z.infer<typeof submitRequestSchema>

export const submitAnswerSchema = z.object({
  request: answerRequestSchema,
  slurm: slurmOptionsSchema,
})
export type SubmitAnswer = z.infer<typeof submitAnswerSchema>

/** What is kept of a job beside its script. */
export const jobRecordSchema = z.object({
  /** the scheduler's own */
  id: z.string(),
  /** name of its sweep; of an answer that of the sweep that its runs belong to */
  sweep: z.string(),
  /** holds job.sh, what it runs (sweep.json or answer.json), and a log for each task */
  folder: z.string(),
  /** null: of an answer, which decides on one run after another */
  cells: z.int().nullable(),
  tasks: z.int(),
  submittedAt: z.string(),
})
export type JobRecord = z.infer<typeof jobRecordSchema>

export const taskStateSchema = z.object({
  /** counted from 1 */
  task: z.int(),
  /** as the scheduler calls it: PENDING, RUNNING, COMPLETED … */
  state: z.string(),
  /** where it runs; empty: nowhere yet */
  node: z.string(),
  /** why it waits; empty: it does not */
  reason: z.string(),
})
export type TaskState = z.infer<typeof taskStateSchema>

export const jobSchema = jobRecordSchema.extend({
  /** empty: the scheduler no longer knows the job */
  states: z.array(taskStateSchema),
  /** whether any task waits or runs */
  isActive: z.boolean(),
  /** why the scheduler could not be asked; empty: it answered */
  unknown: z.string(),
})
export type Job = z.infer<typeof jobSchema>

/** `2 RUNNING, 1 PENDING (Resources)` */
export function jobText({
  states,
  unknown,
}: {
  readonly states: readonly TaskState[]
  readonly unknown: string
}): string {
  if (unknown !== '') return unknown
  if (states.length === 0) return 'ended'
  const words = states.map(({ state, reason }) => (reason === '' ? state : `${state} (${reason})`))
  return [...new Set(words)]
    .map(word => `${words.filter(other => other === word).length} ${word}`)
    .join(', ')
}
