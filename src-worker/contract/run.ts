// What a run is told (RunSpec), what it is at (RunState), and what a list shows of it (RunSummary).
// This file is long because every setting of a run, with its default, stands here once.
import { z } from 'zod'
import { faultDataSchema } from './fault'

const count = z.int().nonnegative()
const size = z.int().positive()
const share = z.number().min(0).max(1)

/** Which games of a Lichess file are used. */
export const gameFilterSchema = z.object({
  /** values of the Event header, without the trailing tournament link; empty: all */
  events: z.array(z.string()).default(['Rated Blitz game']),
  minElo: count.default(0),
  maxElo: count.default(4000),
  minPlies: count.default(1),
  /** values of the TimeControl header, for instance '300+0'; empty: all */
  timeControls: z.array(z.string()).default([]),
})
export type GameFilter = z.infer<typeof gameFilterSchema>

/** Which field of a custom example means what. Empty string: not used. */
export const customFieldsSchema = z.object({
  prompt: z.string().default('prompt'),
  completion: z.string().default('completion'),
  messages: z.string().default('messages'),
  text: z.string().default('text'),
  alternatives: z.string().default('alternatives'),
  /** numeric fields that become conditions of a generated prompt */
  conditions: z.array(z.string()).default([]),
})
export type CustomFields = z.infer<typeof customFieldsSchema>

export const experimentSpecSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('autoregressive') }),
  z.object({ kind: z.literal('skip-tokens'), skip: z.int().min(1).max(64).default(1) }),
  z.object({ kind: z.literal('repetition'), text: z.string().min(1).default('pee') }),
  z.object({ kind: z.literal('favor-future'), lookahead: z.int().min(0).max(4096).default(4) }),
  z.object({ kind: z.literal('chat-detuning') }),
  z.object({
    kind: z.literal('chess'),
    /** elos: both normalised Elos; constant: a constant 1 (the ablation); none: unconditional */
    conditioned: z.enum(['elos', 'constant', 'none']).default('elos'),
    filter: gameFilterSchema.prefault({}),
  }),
  z.object({
    kind: z.literal('pathfinding'),
    boardWidth: z.int().min(2).max(32).default(8),
    boardHeight: z.int().min(2).max(32).default(8),
    /** a space between the cells of a row */
    spaces: z.boolean().default(true),
    /** a line `Moves:` between board and moves */
    movesLine: z.boolean().default(true),
    /** quality: extra moves and wall hits; constant: a constant 1; none: unconditional */
    conditioned: z.enum(['quality', 'constant', 'none']).default('quality'),
  }),
  z.object({
    kind: z.literal('custom'),
    fields: customFieldsSchema.prefault({}),
    /** where the soft prompt goes: before the prompt, after it, or in place of the marker */
    softPromptAt: z.enum(['before', 'after', 'marker']).default('before'),
    marker: z.string().min(1).default('<soft-prompt>'),
  }),
])
export type ExperimentSpec = z.infer<typeof experimentSpecSchema>
export type ExperimentKind = ExperimentSpec['kind']
export const experimentKinds = [
  'autoregressive',
  'skip-tokens',
  'repetition',
  'chat-detuning',
  'chess',
  'pathfinding',
  'favor-future',
  'custom',
] as const satisfies readonly ExperimentKind[]

export const dataSpecSchema = z.object({
  /** file, folder or https URL; 'procedural' for pathfinding; 'demo' for the bundled data of the experiment */
  path: z.string().min(1),
  /** field of each record that holds the text; empty: found by itself */
  field: z.string().default(''),
  /** share of documents (by content hash) that are never trained on */
  holdout: z.number().min(0).max(0.9).default(0.05),
  /** a second file to test on; empty: the held-out share of `path` */
  testPath: z.string().default(''),
  /** bytes of a remote file to fetch; 0: all of it */
  headBytes: count.default(0),
})
export type DataSpec = z.infer<typeof dataSpecSchema>

export const promptInitSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('zero') }),
  z.object({ kind: z.literal('normal'), std: z.number().positive().default(0.1) }),
  /** rows of random tokens of the vocabulary (Lester et al. 2021, §3.2) */
  z.object({ kind: z.literal('vocabulary') }),
  z.object({ kind: z.literal('text'), text: z.string().min(1) }),
  /** parameters of a snapshot */
  z.object({ kind: z.literal('snapshot'), path: z.string().min(1) }),
])
export type PromptInit = z.infer<typeof promptInitSchema>

/** none and start-token are the two baselines without a soft prompt; steps 0 with another type is the untrained one. */
export const promptSpecSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('none') }),
  z.object({ type: z.literal('start-token') }),
  z.object({ type: z.literal('direct'), tokens: z.int().min(1).max(1024), init: promptInitSchema }),
  z.object({
    /** the generators: linear layers start as torch's do; init other than a snapshot is ignored */
    type: z.enum(['linear', 'mlp', 'resnet', 'shared-resnet']),
    tokens: z.int().min(1).max(1024),
    init: promptInitSchema.default({ kind: 'normal', std: 0.1 }),
    hiddenLayers: count.max(64).default(0),
    hiddenWidth: size.max(65_536).default(128),
    residualWidth: size.max(65_536).default(128),
  }),
])
export type PromptSpec = z.infer<typeof promptSpecSchema>

export const startSchema = z.discriminatedUnion('kind', [
  /** before token `index` of every lane */
  z.object({ kind: z.literal('index'), index: count }),
  /** uniform in [0, max(0, tokens − 4)] for every lane */
  z.object({ kind: z.literal('random') }),
])
export type PromptStart = z.infer<typeof startSchema>

export const optimizerSpecSchema = z.object({
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

export const trainingSpecSchema = z.object({
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

export const samplingSpecSchema = z.object({
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
export const sweepSpecSchema = z.object({
  name: z.string().default(''),
  base: runSpecInputSchema,
  /** 0 stands for the two baselines: no prompt, and the start token alone */
  tokens: z.array(z.int().min(0).max(1024)).default([]),
  models: z.array(z.string()).default([]),
  datasets: z.array(z.string()).default([]),
  seeds: z.array(z.int().min(0)).default([]),
  /** also evaluate an untrained prompt of each length */
  untrained: z.boolean().default(false),
})
export type SweepSpec = z.infer<typeof sweepSpecSchema>

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
  /** imported, cannot be resumed or changed */
  readOnly: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  spec: runSpecSchema,
  state: runStateSchema,
  step: count,
  /** seconds of training so far, over all sessions */
  trainingSeconds: z.number(),
  /** seconds left, when training */
  secondsLeft: z.number().nullable(),
  /** by tag (metrics.ts) */
  metrics: z.record(z.string(), metricSummarySchema),
  /** steps at which the run was resumed */
  restarts: z.array(count),
})
export type RunSummary = z.infer<typeof runSummarySchema>

export const provenanceSchema = z.object({
  createdAt: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.object({ platform: z.string(), cpu: z.string(), cores: count, memoryBytes: count }),
  device: z.string(),
  /** what products were computed in; older runs do not tell */
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
  dataset: z.object({ path: z.string(), fingerprint: z.string(), heldOut: z.string() }),
  specHash: z.string(),
})
export type Provenance = z.infer<typeof provenanceSchema>

/** training losses in the mean that is told of a prompt that was not tested */
export const lossesMeaned = 32

export const checkpointEntrySchema = z.object({
  step: count,
  path: z.string(),
  bytes: count,
  /** held-out loss of this very prompt, when it was tested at this step */
  loss: z.number().nullable(),
  /** mean of the last training losses up to this step: what there is when nothing was tested */
  trainLoss: z.number().nullable(),
})
export type CheckpointEntry = z.infer<typeof checkpointEntrySchema>

export const runDetailSchema = z.object({
  summary: runSummarySchema,
  provenance: provenanceSchema.nullable(),
  checkpoints: z.array(checkpointEntrySchema),
  snapshot: z.string().nullable(),
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
