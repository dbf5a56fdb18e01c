// What another tool measured of a run's prompted model, as it was imported: its numbers, and where they come from.
import { z } from 'zod'
import { heldOutSchema } from './analysed-run'

const count = z.int().nonnegative()

/** Measures of an imported evaluation are named inspect/TASK/SCORER/METRIC. */
export const importedPrefix = 'inspect/'

/** What a log of Inspect says; `notes`: what it holds that was left out, with counts. */
export const inspectLogSchema = z.object({
  task: z.string(),
  /** as Inspect called it: provider and name */
  model: z.string(),
  dataset: z.string(),
  /** ISO time of the evaluation, as the log says */
  created: z.string(),
  inspectVersion: z.string(),
  /** samples with a score, each counted once however many epochs it had; samples without */
  samples: count,
  leftOut: count,
  notes: z.array(z.string()),
  /** by inspect/TASK/SCORER/METRIC */
  metrics: z.record(z.string(), z.number()),
  /** of metrics that are the mean over samples: each sample's score */
  heldOut: z.record(z.string(), heldOutSchema),
})
export type InspectLog = z.infer<typeof inspectLogSchema>

export const evaluationSchema = inspectLogSchema.extend({
  /** name and sha256 of the log */
  file: z.string(),
  sha256: z.string(),
  importedAt: z.string(),
  /** steps that the run had when it was imported */
  step: count,
})
export type Evaluation = z.infer<typeof evaluationSchema>
