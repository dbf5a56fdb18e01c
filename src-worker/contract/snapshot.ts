// A soft prompt: its shape, its parameters, and where it came from. Letters: P tokens, H width of the model, C conditions.
import { z } from 'zod'
import { daySchema, startSchema } from './run-spec'

const size = z.int().positive()
const count = z.int().nonnegative()

/** What is trained. Hidden sizes as the original names them. */
export const promptShapeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('direct'), tokens: count, width: size }),
  z.object({
    /** rows = start + A·z: `dimensions` numbers z are trained, A is made from `seed` */
    type: z.literal('subspace'),
    tokens: count,
    width: size,
    dimensions: size,
    seed: count,
  }),
  z.object({ type: z.literal('linear'), tokens: count, width: size, conditions: size }),
  z.object({
    type: z.literal('mlp'),
    tokens: count,
    width: size,
    conditions: size,
    hiddenLayers: count,
    hiddenWidth: size,
  }),
  z.object({
    type: z.enum(['resnet', 'shared-resnet']),
    tokens: count,
    width: size,
    /** conditions only; the position bits of shared-resnet are not counted */
    conditions: size,
    residualWidth: size,
    hiddenLayers: count,
    hiddenWidth: size,
  }),
])
export type PromptShape = z.infer<typeof promptShapeSchema>
export type PromptType = PromptShape['type']

/** One parameter tensor, row-major float32. */
export interface Parameter {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/**
 * Parameters as the engine holds them: what the original keeps once per token (`to_embedding.0.weight` …)
 * is one stacked tensor here (`to_embedding.weight`: [P, H, W]). prompt/state-dict.ts converts to and from
 * the original's names; files always use the original's names.
 */
export type Parameters = ReadonlyMap<string, Parameter>

export const snapshotSourceSchema = z.enum(['workbench', 'original-pt', 'peft'])

export const snapshotMetadataSchema = z.object({
  source: snapshotSourceSchema,
  /** org/name or folder name of the model it was trained for */
  model: z.string(),
  shape: promptShapeSchema,
  /** how the rows were initialised, and with which tokens, when known */
  init: z.string().optional(),
  experiment: z.string().optional(),
  dataset: z.string().optional(),
  /** names of the conditions, in order */
  conditionNames: z.array(z.string()).default([]),
  runId: z.string().optional(),
  step: count.optional(),
  finalTestLoss: z.number().optional(),
  createdAt: z.string().optional(),
  /** what the file itself said of its training, unaltered */
  training: z.record(z.string(), z.unknown()).default({}),
})
export type SnapshotMetadata = z.infer<typeof snapshotMetadataSchema>

export interface Snapshot {
  readonly metadata: SnapshotMetadata
  readonly parameters: Parameters
}

const afterSchema = z.object({ softPromptAt: z.literal('after') })

/**
 * Before which token of a text the soft prompt stood in training, or behind all of them: elsewhere it need not do what it
 * learned. 0 when it is not known, or was drawn at random.
 */
export function trainedPlace({ training }: Pick<SnapshotMetadata, 'training'>): number | 'end' {
  if (afterSchema.safeParse(training.experiment).success) return 'end'
  const start = startSchema.safeParse(training.start)
  return start.success && start.data.kind === 'index' ? start.data.index : 0
}

/** The day that chat templates got when the prompt learned; empty: theirs asked for none, or nobody knows. */
export const learnedDay = ({ training }: Pick<SnapshotMetadata, 'training'>): string =>
  daySchema.catch('').parse(training.date)
