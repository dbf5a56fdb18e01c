// The settings of a run: every setting, with its default, stands here once.
// A field that is not here is refused (spec-check.ts says it in words).
import { z } from 'zod'
import { experimentSpecSchema } from './experiment-spec'

const count = z.int().nonnegative()
const size = z.int().positive()
const share = z.number().min(0).max(1)

/** A day of the calendar like 2026-11-28, or none. */
export const daySchema = z
  .union([z.literal(''), z.iso.date('not a day like 2026-11-28')])
  .default('')

export const dataSpecSchema = z.strictObject({
  /** file, folder or https URL; 'procedural': made as needed; 'demo': the bundled data of the behaviour; 'demo/NAME': another bundled file */
  path: z.string().min(1),
  /** field of each record that holds the text; empty: found by itself */
  field: z.string().default(''),
  /** share of documents (by content hash) that are never trained on */
  holdout: z.number().min(0).max(0.9).default(0.05),
  /** at least so many records are held out where the file allows, and fewer than 8 of them refused; 0: as the share says */
  heldOutUnits: count.default(0),
  /**
   * the held-out side is cut in two by hash: validation for the test curve and for choices, test for the final number;
   * false: both see all of it, as in the original and in runs of older versions
   */
  validation: z.boolean().default(false),
  /** a second file to test on; empty: the held-out share of `path` */
  testPath: z.string().default(''),
  /** the day that a chat template gets when it asks for today's, "2026-11-28"; empty: that of the run's making */
  date: daySchema,
  /** bytes of a remote file to fetch; 0: all of it */
  headBytes: count.default(0),
})
export type DataSpec = z.infer<typeof dataSpecSchema>

export const promptInitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('zero') }),
  z.strictObject({ kind: z.literal('normal'), std: z.number().positive().default(0.1) }),
  /** rows of random tokens of the vocabulary (Lester et al. 2021, §3.2) */
  z.strictObject({ kind: z.literal('vocabulary') }),
  z.strictObject({ kind: z.literal('text'), text: z.string().min(1) }),
  /** parameters of a snapshot */
  z.strictObject({ kind: z.literal('snapshot'), path: z.string().min(1) }),
])
export type PromptInit = z.infer<typeof promptInitSchema>

/** Soft prompt tokens at most, of a run as of a search. */
export const mostPromptTokens = 2048
export const promptTokensSchema = z.int().min(1).max(mostPromptTokens)

/** none and start-token are the two baselines without a soft prompt; steps 0 with another type is the untrained one. */
export const promptSpecSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('start-token') }),
  z.strictObject({
    type: z.literal('direct'),
    tokens: promptTokensSchema,
    init: promptInitSchema,
  }),
  z.strictObject({
    /** rows = start rows + a fixed random projection of so many trained numbers (Li et al. 2018) */
    type: z.literal('subspace'),
    tokens: promptTokensSchema,
    init: promptInitSchema,
    /** 1 to tokens × width of the model */
    dimensions: size,
    /** seed of the projection; the run's own when it is not given */
    projection: count,
  }),
  z.strictObject({
    /** the generators: linear layers start as torch's do; init other than a snapshot is ignored */
    type: z.enum(['linear', 'mlp', 'resnet', 'shared-resnet']),
    tokens: promptTokensSchema,
    init: promptInitSchema.default({ kind: 'normal', std: 0.1 }),
    hiddenLayers: count.max(64).default(0),
    hiddenWidth: size.max(65_536).default(128),
    residualWidth: size.max(65_536).default(128),
  }),
])
export type PromptSpec = z.infer<typeof promptSpecSchema>

export const startSchema = z.discriminatedUnion('kind', [
  /** before token `index` of every lane */
  z.strictObject({ kind: z.literal('index'), index: count }),
  /** uniform in [0, max(0, tokens − 4)] for every lane */
  z.strictObject({ kind: z.literal('random') }),
])
export type PromptStart = z.infer<typeof startSchema>

export const optimizerSpecSchema = z.strictObject({
  learningRate: z.number().positive().default(1e-3),
  weightDecay: z.number().min(0).default(1e-4),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  eps: z.number().positive().default(1e-8),
  schedule: z.enum(['constant', 'cosine']).default('constant'),
  warmupSteps: count.default(0),
  /** global gradient norm is clipped to this; 0: never */
  clipNorm: z.number().min(0).default(0),
})
export type OptimizerSpec = z.infer<typeof optimizerSpecSchema>

export const trainingSpecSchema = z.strictObject({
  /** optimizer steps; 0 evaluates only */
  steps: count,
  /** lanes of one optimizer step, over all its micro-batches */
  lanes: size.max(65_536).default(32),
  /** micro-batches of one optimizer step; divides lanes */
  accumulation: size.max(65_536).default(1),
  /** tokens of a sample at most, soft prompt not counted */
  length: z.int().min(2).max(1_048_576).default(256),
  /** steps between two test losses; 0: never */
  testEvery: count.default(32),
  /** batches of lanes/accumulation lanes in a test during training */
  testBatches: size.default(1),
  /** steps between two checkpoints; 0: only at stop and end */
  checkpointEvery: count.default(128),
  /** final test: this many batches times accumulation */
  finalTestBatches: count.default(256),
})
export type TrainingSpec = z.infer<typeof trainingSpecSchema>

export const samplingSpecSchema = z.strictObject({
  maxTokens: count.default(32),
  temperature: z.number().min(0).default(1),
  topP: share.default(0.7),
  topK: count.default(0),
  minP: share.default(0),
  repetitionPenalty: z.number().positive().default(1),
})
export type SamplingSpec = z.infer<typeof samplingSpecSchema>

export const resultsSpecSchema = samplingSpecSchema.extend({
  /** evaluation prompts continued at the end of the run; 0: none */
  prompts: count.default(140),
  softPromptAt: z.enum(['start', 'end']).default('start'),
  /** held-out games or boards for the behaviour metrics of chess, pathfinding and custom; 0: none */
  metricSamples: count.default(128),
})

export const deviceSpecSchema = z.string().regex(/^(auto|cpu|cuda(:\d+)?)$/, 'auto, cpu or cuda:N')
export const precisionSchema = z.enum(['float32', 'tf32', 'bfloat16', 'float16'])
export type Precision = z.infer<typeof precisionSchema>
/** how the frozen matrices of the blocks are kept: as in the model's files, or in 8 or 4 bits (CPU only) */
export const weightsSchema = z.enum(['full', 'int8', 'int4'])
export type Weights = z.infer<typeof weightsSchema>

export const runSpecSchema = z
  .object({
    version: z.literal(1).default(1),
    name: z.string().default(''),
    experiment: experimentSpecSchema,
    /** folder, or id of a model in the library */
    model: z.string().min(1),
    data: dataSpecSchema,
    prompt: promptSpecSchema,
    start: startSchema.default({ kind: 'index', index: 0 }),
    optimizer: optimizerSpecSchema.prefault({}),
    training: trainingSpecSchema,
    results: resultsSpecSchema.prefault({}),
    seed: z.int().min(0).default(0),
    device: deviceSpecSchema.default('auto'),
    precision: precisionSchema.default('float32'),
    weights: weightsSchema.default('full'),
    /** reproduce the original's defects that published losses depend on */
    original: z.boolean().default(false),
  })
  .refine(s => s.training.lanes % s.training.accumulation === 0, {
    message: 'accumulation must divide lanes',
    path: ['training', 'accumulation'],
  })
/** Everything that decides a run's numbers, every default explicit. */
export type RunSpec = z.infer<typeof runSpecSchema>

type DeepPartial<T> = T extends readonly (infer U)[]
  ? readonly U[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T
/** A RunSpec before the experiment's defaults are filled in: at least experiment and model. */
export type RunSpecInput = DeepPartial<RunSpec>
export const runSpecInputSchema = z.custom<RunSpecInput>(v => typeof v === 'object' && v !== null)

/** Number of soft prompt tokens of a spec; baselines have none. */
export const tokensOf = (prompt: PromptSpec): number => ('tokens' in prompt ? prompt.tokens : 0)

/** A grid of runs: base filled in from each axis. An empty axis leaves the base's value. */
export const sweepSpecSchema = z.strictObject({
  name: z.string().default(''),
  base: runSpecInputSchema,
  /** 0 stands for the two baselines: no prompt, and the start token alone */
  tokens: z.array(z.int().min(0).max(mostPromptTokens)).default([]),
  models: z.array(z.string()).default([]),
  datasets: z.array(z.string()).default([]),
  seeds: z.array(z.int().min(0)).default([]),
  /** further axes: values by the dotted path of any field, such as optimizer.learningRate or experiment */
  over: z.record(z.string(), z.array(z.unknown()).min(1)).optional(),
  /** also evaluate an untrained prompt of each length */
  untrained: z.boolean().default(false),
})
export type SweepSpec = z.infer<typeof sweepSpecSchema>
export type SweepSpecInput = z.input<typeof sweepSpecSchema>
/** A sweep as it came: spec-check.ts reads it, so that every door refuses it in the same words. */
export const sweepSpecInputSchema = z.custom<SweepSpecInput>(
  v => typeof v === 'object' && v !== null,
)
