// What the library holds: models, downloads, datasets, snapshots, presets; and the settings.
import { z } from 'zod'
import { faultDataSchema } from './fault'
import {
  deviceSpecSchema,
  precisionSchema,
  sweepSpecInputSchema,
  sweepSpecSchema,
} from './run-spec'
import { snapshotMetadataSchema } from './snapshot'

const count = z.int().nonnegative()

export const modelEntrySchema = z.object({
  /** what specs name it by: org/name under the models folder, or an absolute path */
  id: z.string(),
  path: z.string(),
  /** comes with the app */
  bundled: z.boolean(),
  family: z.string(),
  hiddenSize: count,
  layers: count,
  vocabularySize: count,
  parameters: count,
  bytes: count,
  maxPositions: count,
  chatTemplate: z.boolean(),
  /** what was done otherwise than its files say, or left out of them */
  notes: z.array(z.string()).default([]),
  /** why it cannot be used, or null */
  fault: faultDataSchema.nullable(),
})
export type ModelEntry = z.infer<typeof modelEntrySchema>

export const hubFileSchema = z.object({
  path: z.string(),
  bytes: count,
  sha256: z.string(),
  needed: z.boolean(),
})
export const hubListingSchema = z.object({
  id: z.string(),
  /** the commit that the revision names now */
  commit: z.string(),
  files: z.array(hubFileSchema),
  neededBytes: count,
  freeDiskBytes: count,
})
export type HubListing = z.infer<typeof hubListingSchema>

/** A model as the hub's search reports it. */
export const hubModelSchema = z.object({
  id: z.string(),
  /** of the last month */
  downloads: count,
  gated: z.boolean(),
  /** model_type of its config.json; empty: the hub does not say */
  architecture: z.string(),
  parameters: count.nullable(),
  /** of its safetensors weights */
  bytes: count.nullable(),
  /** as far as the hub says; config.json has the last word after the download */
  use: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('supported') }),
    z.object({ kind: z.literal('unknown') }),
    z.object({ kind: z.literal('unsupported'), why: z.string() }),
  ]),
})
export type HubModel = z.infer<typeof hubModelSchema>
export const hubFoundSchema = z.object({
  models: z.array(hubModelSchema),
  /** the hub has more than these */
  more: z.boolean(),
})
export type HubFound = z.infer<typeof hubFoundSchema>

export const downloadSchema = z.object({
  /** id@revision */
  key: z.string(),
  id: z.string(),
  state: z.enum(['queued', 'running', 'paused', 'verifying', 'done', 'failed', 'cancelled']),
  file: z.string(),
  doneBytes: count,
  totalBytes: count.nullable(),
  bytesPerSecond: z.number(),
  secondsLeft: z.number().nullable(),
  fault: faultDataSchema.nullable(),
})
export type Download = z.infer<typeof downloadSchema>

export const datasetEntrySchema = z.object({
  id: z.string(),
  path: z.string(),
  title: z.string(),
  kind: z.string(),
  /** on screen: "games", and one of its records: "game" */
  kindName: z.string(),
  noun: z.string(),
  /** made as needed: there is no file */
  made: z.boolean(),
  /** the kind of experiment that a new one with these data begins with */
  behaviour: z.string(),
  bundled: z.boolean(),
  bytes: count,
  documents: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('counted'), count }),
    z.object({ kind: z.literal('counting') }),
    /** why: empty when it was not requested yet, or was stopped; countable: countDataset may be asked */
    z.object({ kind: z.literal('not-counted'), why: z.string(), countable: z.boolean() }),
  ]),
  field: z.string(),
})
export type DatasetEntry = z.infer<typeof datasetEntrySchema>

export const datasetPreviewSchema = z.object({
  path: z.string(),
  kind: z.string(),
  field: z.string(),
  fields: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.unknown())),
  skipped: z.record(z.string(), count),
  /** records that are not as the file has them, by reason */
  changed: z.record(z.string(), count).default({}),
})
export type DatasetPreview = z.infer<typeof datasetPreviewSchema>

export const snapshotEntrySchema = z.object({
  /** path of the file or PEFT folder: its identity */
  path: z.string(),
  title: z.string(),
  metadata: snapshotMetadataSchema,
  /** snapshot: final; checkpoint: of a run, maybe still in progress; imported: brought in */
  kind: z.enum(['snapshot', 'checkpoint', 'imported']),
  run: z.string(),
  step: count,
  /** held-out loss of this very prompt over the few batches of a test during training */
  quickTest: z.number().nullable(),
  /** over all batches, as for each other checkpoint of its run that was evaluated */
  fullTest: z.number().nullable(),
  /** of the final snapshot: the number at the end of its run, on test data that no choice has seen */
  finalTest: z.number().nullable(),
  /** mean of the last training losses before it was written, when its run still has them */
  trainLoss: z.number().nullable(),
  /** what its behaviour is called; empty: it does not tell */
  behaviour: z.string(),
  /** the playground that shows what it was trained for */
  playground: z.string(),
  date: z.string(),
  bytes: count,
  /** path of a fitting model in the library, or null when it is missing */
  modelPath: z.string().nullable(),
  /** why the model does not fit, or empty */
  misfit: z.string(),
})
export type SnapshotEntry = z.infer<typeof snapshotEntrySchema>

export const snapshotDetailSchema = z.object({
  entry: snapshotEntrySchema,
  tensors: z.array(
    z.object({
      name: z.string(),
      shape: z.array(count),
      /** Euclidean norm and largest magnitude */
      norm: z.number(),
      largest: z.number(),
    }),
  ),
  /** nearest vocabulary tokens of each row of a direct prompt, by cosine */
  nearest: z.array(z.array(z.object({ token: z.string(), similarity: z.number() }))),
})
export type SnapshotDetail = z.infer<typeof snapshotDetailSchema>

export const presetSchema = z.object({
  name: z.string().min(1),
  bundled: z.boolean().default(false),
  sweep: sweepSpecSchema,
})
export type Preset = z.infer<typeof presetSchema>
/** As it came: the engine reads the sweep in it. */
export const presetInputSchema = presetSchema.extend({ sweep: sweepSpecInputSchema })

export const deviceSchema = z.object({
  /** cpu or cuda:N */
  id: z.string(),
  name: z.string(),
  memoryBytes: count,
  freeBytes: count,
  driver: z.string(),
  fault: faultDataSchema.nullable(),
})
export type Device = z.infer<typeof deviceSchema>

export const settingsSchema = z.object({
  modelFolders: z.array(z.string()).default([]),
  /** `auto` of older settings is the default */
  engineHost: z
    .enum(['thread', 'process', 'auto'])
    .transform(host => (host === 'auto' ? 'thread' : host))
    .default('thread'),
  device: deviceSpecSchema.default('auto'),
  /** threads of ONNX Runtime; 0: all cores */
  threads: count.default(0),
  precision: precisionSchema.default('float32'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** draw the window without the GPU */
  softwareRendering: z.boolean().default(false),
  notifications: z.boolean().default(true),
  keepAwake: z.boolean().default(true),
  hubEndpoint: z.string().default(''),
})
export type Settings = z.infer<typeof settingsSchema>

/** A training example as shown before a run: chunks of text with their part in it. */
export const examplePreviewSchema = z.object({
  conditions: z.array(z.object({ name: z.string(), value: z.number() })),
  chunks: z.array(
    z.object({ text: z.string(), role: z.enum(['soft-prompt', 'context', 'label', 'padding']) }),
  ),
  /** what may not be as it was meant; said where most of the examples shown have it */
  warning: z.string().default(''),
  /** what is not as the record has it */
  changes: z.array(z.string()).default([]),
})
export type ExamplePreview = z.infer<typeof examplePreviewSchema>

/** The first training examples, and what of the first records gives none. */
export const examplesPreviewSchema = z.object({
  examples: z.array(examplePreviewSchema),
  /** records looked at for training */
  read: z.int(),
  /** by reason */
  leftOut: z.record(z.string(), z.int()),
})
export type ExamplesPreview = z.infer<typeof examplesPreviewSchema>
