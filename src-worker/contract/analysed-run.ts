// A finished run as the analysis takes it, wherever it came from. Plain data: it survives JSON and structured clone.
import { z } from 'zod'
import { bitsAnswerSchema } from './bits'

const count = z.int().nonnegative()
const real = z.number()

/** What one of the things that a held-out metric is averaged over is. */
export const heldOutUnitSchema = z.enum(['document', 'game', 'board', 'sample', 'test batch'])
export type HeldOutUnit = z.infer<typeof heldOutUnitSchema>

/** A metric taken apart: its value is Σ sums / Σ counts over the held-out units. */
export const heldOutSchema = z.object({
  unit: heldOutUnitSchema,
  /** runs with the same non-empty name were tested on the same units in the same order: their errors are paired */
  set: z.string(),
  sums: z.array(real),
  counts: z.array(real),
})
export type HeldOut = z.infer<typeof heldOutSchema>

export const runSourceSchema = z.enum(['workbench', 'published', 'tensorboard'])
export type RunSource = z.infer<typeof runSourceSchema>

/** A real completion. `expected` is empty where nothing certain should come. */
export const exampleSchema = z.object({
  prompt: z.string(),
  bare: z.string(),
  prompted: z.string(),
  expected: z.string(),
  /** which of how many held-out prompts it is: those before it could show no difference */
  number: z.int().positive(),
  of: z.int().positive(),
})
export type Example = z.infer<typeof exampleSchema>

/** One run as the analysis sees it, wherever it came from. */
export const analysedRunSchema = z.object({
  id: z.string(),
  name: z.string(),
  source: runSourceSchema,
  experiment: z.string(),
  /** what its behaviour is called: 'skip 2', 'repetition pee', 'pathfinding 8x8' */
  behaviour: z.string(),
  model: z.string(),
  dataset: z.string(),
  /** soft prompt tokens; 0 for the baselines */
  tokens: count,
  seed: z.int().nullable(),
  /**
   * absent for a trained prompt; imported-prompt: another program's, only tested here; evaluation: one of ours, tested once
   * more; control: trained on data whose answers say nothing
   */
  baseline: z
    .enum([
      ...(['none', 'start-token', 'text-prompt', 'imported-prompt'] as const),
      ...(['untrained', 'evaluation', 'control'] as const),
    ])
    .optional(),
  /** optimizer steps done */
  steps: count,
  /** of a control beside its run: the steps of that run */
  hostSteps: count.optional(),
  state: z.enum(['done', 'stopped', 'failed', 'queued', 'running']),
  /** of a failed run: why, in words */
  failure: z.string().optional(),
  /** and whether its loss or gradient left the numbers */
  hasDiverged: z.boolean().optional(),
  /** final metrics by tag, losses in nats; not-finite ones are left out */
  metrics: z.record(z.string(), real),
  /** measures that it cannot have, and why, by tag */
  unmeasured: z.record(z.string(), z.string()).optional(),
  /** by the same tags */
  heldOut: z.record(z.string(), heldOutSchema),
  /** training loss by step; null where it was not finite */
  trainLoss: z.object({ steps: z.array(real), values: z.array(real.nullable()) }),
  /** steps at which the run was resumed */
  restarts: z.array(count),
  /** trained numbers, when known */
  parameters: count.nullable(),
  /** everything else that may distinguish two curves: a flat RunSpec without tokens, seed, steps and names */
  settings: z.record(z.string(), z.string()),
  /** ISO time of its start, or empty */
  startedAt: z.string(),
  spec: z.record(z.string(), z.unknown()).nullable(),
  provenance: z.record(z.string(), z.unknown()).nullable(),
  /** what the model wrote for a held-out prompt, without the soft prompt and with it */
  example: exampleSchema.optional(),
  /** in bits; absent: not measured, or before it was trained on */
  bits: z
    .object({
      /** what its training cost: saved by the final prompt, less saved at first sight */
      paid: real,
      /** as it was asked for last; null: by itself alone */
      answer: bitsAnswerSchema.nullable(),
    })
    .optional(),
  /** of the run whose snapshot its soft prompt started from, when that is known */
  parent: z.record(z.string(), z.unknown()).optional(),
})
export type AnalysedRun = z.infer<typeof analysedRunSchema>
