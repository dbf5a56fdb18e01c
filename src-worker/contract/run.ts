// What becomes of a run: the state it is in (RunState), what a list shows of it (RunSummary), what it leaves behind.
import { z } from 'zod'
import { bitsAnswerSchema } from './bits'
import { evaluationSchema } from './evaluation'
import { faultDataSchema } from './fault'
import { runSpecSchema } from './run-spec'
import { snapshotSourceSchema } from './snapshot'

const count = z.int().nonnegative()

/** Held-out units below which a test says little: so many are held out where the file allows. */
export const fewUnits = 32

/** How provenance says that a run was tested on what it trained on. */
export const nothingIsHeldOut = 'nothing is held out'

export const runStateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('queued') }),
  /** opening model and data, or compiling */
  z.object({ kind: z.literal('preparing'), doing: z.string() }),
  z.object({ kind: z.literal('training') }),
  z.object({ kind: z.literal('testing') }),
  z.object({ kind: z.literal('sampling') }),
  z.object({ kind: z.literal('paused') }),
  z.object({ kind: z.literal('stopped') }),
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('failed'), fault: faultDataSchema }),
  /** its owner died */
  z.object({ kind: z.literal('interrupted') }),
])
export type RunState = z.infer<typeof runStateSchema>

/** Kinds in which some living process works on the run. */
export const isActive = (state: RunState): boolean =>
  state.kind === 'preparing' ||
  state.kind === 'training' ||
  state.kind === 'testing' ||
  state.kind === 'sampling'

/** Active, or waiting for its turn: it goes on by itself. */
export const isUnderWay = (state: RunState): boolean => isActive(state) || state.kind === 'queued'

export const metricSummarySchema = z.object({
  last: z.number(),
  min: z.number(),
  max: z.number(),
  lastStep: count,
})
export type MetricSummary = z.infer<typeof metricSummarySchema>

export const runSummarySchema = z.object({
  id: z.string(),
  folder: z.string(),
  name: z.string(),
  note: z.string(),
  /** index of a series colour 1…7, 0: chosen by itself */
  colour: count,
  /** id of the sweep it belongs to, or empty */
  sweep: z.string(),
  /** what a person calls that sweep; empty: nothing */
  sweepName: z.string().default(''),
  /** imported, cannot be resumed or changed */
  readOnly: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  spec: runSpecSchema,
  /** what its behaviour is called: "skip 4" */
  behaviour: z.string(),
  state: runStateSchema,
  step: count,
  /** seconds of training so far, over all sessions */
  trainingSeconds: z.number(),
  /** seconds left, when training */
  secondsLeft: z.number().nullable(),
  /** by tag (metrics.ts) */
  metrics: z.record(z.string(), metricSummarySchema),
  /** measures of its behaviour that it cannot have, and why, by tag; absent: none */
  unmeasured: z.record(z.string(), z.string()).optional(),
  /** steps at which the run was resumed */
  restarts: z.array(count),
})
export type RunSummary = z.infer<typeof runSummarySchema>

/** What a run with frozen matrices in few bits computes otherwise than the full model, at its first prompt and batch. */
export const weightsDeviationSchema = z.object({
  /** of the full model, and of the matrices in few bits */
  fullLoss: z.number(),
  loss: z.number(),
  /** ‖g − g of the full model‖ / ‖g of the full model‖; null: there is no prompt to train */
  gradient: z.number().nullable(),
})
export type WeightsDeviation = z.infer<typeof weightsDeviationSchema>

export const provenanceSchema = z.object({
  createdAt: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.object({ platform: z.string(), cpu: z.string(), cores: count, memoryBytes: count }),
  device: z.string(),
  /** what products were computed in; older runs do not say */
  products: z
    .object({
      /** of the model's matrices */
      model: z.enum(['float32', 'bfloat16', 'float16', 'tf32']),
      /** of whatever is float32 in a program, the prompt's generator among it */
      float32: z.enum(['float32', 'tf32']),
    })
    .optional(),
  commandLine: z.array(z.string()),
  gitRevision: z.string(),
  model: z.object({ id: z.string(), path: z.string(), files: z.record(z.string(), z.string()) }),
  dataset: z.object({
    ...{ path: z.string(), fingerprint: z.string(), heldOut: z.string() },
    /** what the data held, and what is to be feared of it; older runs have none */
    held: z.array(z.string()).default([]),
    warnings: z.array(z.string()).default([]),
  }),
  /** sha256 of data, test data, initial prompt, tokenizer and config.json, by that name; older runs have none */
  files: z.record(z.string(), z.string()).default({}),
  /** where the soft prompt comes from that the run starts from; older runs, and runs that start anew, do not say */
  promptSource: snapshotSourceSchema.optional(),
  /** of frozen matrices in few bits; null: not measured yet, or for want of memory */
  weightsDeviation: weightsDeviationSchema.nullable().default(null),
  specHash: z.string(),
})
export type Provenance = z.infer<typeof provenanceSchema>

/** training losses in the mean that stands for a prompt that was not tested */
export const lossesMeaned = 32

export const checkpointEntrySchema = z.object({
  step: count,
  path: z.string(),
  bytes: count,
  /** held-out loss of this very prompt over the few batches of a test during training, when it was tested at this step */
  quickTest: z.number().nullable(),
  /** over all batches: what the checkpoints of a run are compared by */
  fullTest: z.number().nullable(),
  /** mean of the last training losses up to this step: what there is when nothing was tested */
  trainLoss: z.number().nullable(),
})
export type CheckpointEntry = z.infer<typeof checkpointEntrySchema>

export const runDetailSchema = z.object({
  summary: runSummarySchema,
  provenance: provenanceSchema.nullable(),
  checkpoints: z.array(checkpointEntrySchema),
  snapshot: z.string().nullable(),
  /** what other tools measured, as imported */
  evaluations: z.array(evaluationSchema),
  /** what its training gained in bits, as last asked for; null: never, or it was trained on since */
  bits: bitsAnswerSchema.nullable().default(null),
  /** why it can have no control; empty: it can */
  noControl: z.string().default(''),
  dataReport: z.record(z.string(), z.unknown()),
})
export type RunDetail = z.infer<typeof runDetailSchema>

/** What the model wrote for one evaluation prompt. */
export const resultRowSchema = z.object({
  id: z.string(),
  group: z.string(),
  label: z.string(),
  prompt: z.string(),
  softPromptAt: z.enum(['start', 'end']),
  conditions: z.array(z.number()),
  /** without the soft prompt */
  baseline: z.string(),
  prompted: z.string(),
  /** the true continuation, when there is one */
  expected: z.string().optional(),
})
export type ResultRow = z.infer<typeof resultRowSchema>
