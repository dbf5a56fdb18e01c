// The contract: two tables. Calls take one argument object and are answered; events are never answered.
// Each argument and result is a zod schema; every side derives its types from here.
import { z } from 'zod'
import { analysisOptionsSchema, analysisSchema, thresholdSchema } from './analysis'
import { answerRequestSchema, answerStateSchema, answerStepSchema } from './answer'
import { call, done, id, none, path } from './call'
import { evaluationSchema } from './evaluation'
import { faultDataSchema } from './fault'
import { frozenSweepSchema } from './frozen-sweep'
import { gpuDiagnosisSchema, gpuInstallSchema, gpuRemovalSchema, gpuStateSchema } from './gpu'
import { homeCheckSchema } from './home-check'
import {
  datasetEntrySchema,
  datasetPreviewSchema,
  deviceSchema,
  downloadSchema,
  hubFoundSchema,
  hubListingSchema,
  modelEntrySchema,
  settingsSchema,
  snapshotDetailSchema,
  snapshotEntrySchema,
} from './library'
import { folderSchema } from './machine'
import { liveMetricsSchema } from './metrics'
import {
  boardSchema,
  chessAnswerSchema,
  chessRequestSchema,
  pathAnswerSchema,
  pathRequestSchema,
  promptedModelSchema,
  sampleEventSchema,
  sampleRequestSchema,
  sampleResultSchema,
} from './playground'
import { runSummarySchema } from './run'
import { experimentCalls, runCalls } from './run-calls'
import { sweepSpecInputSchema } from './run-spec'
import { serveRequestSchema, serverStateSchema } from './serve'
import { snapshotMetadataSchema } from './snapshot'
import { verifiedSchema, verifyRequestSchema, verifyTotalSchema } from './verify'

export const calls = {
  // engine
  engineInfo: call(
    none,
    z.object({
      version: z.string(),
      versions: z.record(z.string(), z.string()),
      home: z.string(),
      resources: z.string(),
      pid: z.int(),
      host: z.enum(['thread', 'process', 'command-line']),
      memoryBytes: z.number(),
    }),
  ),
  devices: call(none, z.array(deviceSchema)),
  settings: call(none, settingsSchema),
  saveSettings: call(settingsSchema, settingsSchema),
  /** a folder of the engine's machine, for choosing files from another one; empty: the user's own, as relative paths count */
  listFolder: call(z.object({ folder: z.string() }), folderSchema),
  engineLog: call(z.object({ lines: z.int().min(1).max(5000) }), z.array(z.string())),
  /** stop whatever answers the request of this name (sample, chess, path, plan, import …) */
  cancel: call(z.object({ request: z.string() }), done),

  // CUDA; progress and cancel of an installation as `gpu`, an empty `doing` says that it ended
  gpuState: call(none, gpuStateSchema),
  /** index: a simple index to take packages from; empty: as pip is set */
  installGpu: call(z.object({ index: z.string() }), gpuInstallSchema),
  uninstallGpu: call(none, gpuRemovalSchema),
  /** trial: where all is there, also train a few steps in each precision */
  gpuDoctor: call(z.object({ trial: z.boolean().default(false) }), gpuDiagnosisSchema),

  /** everything that SPW_HOME holds, against its checksums and schemas; fix: repair what can be. Progress and cancel by name */
  checkHome: call(z.object({ request: z.string(), fix: z.boolean() }), homeCheckSchema),

  /** computes reference numbers again; each case comes as `verified` */
  verify: call(verifyRequestSchema, verifyTotalSchema),

  ...experimentCalls,
  ...runCalls,

  // library
  models: call(none, z.array(modelEntrySchema)),
  addModel: call(path, modelEntrySchema),
  removeModel: call(path, done),
  hubFiles: call(z.object({ id: z.string(), revision: z.string() }), hubListingSchema),
  /** text models whose id holds these words, the most downloaded first; a later search cancels an earlier one */
  searchHub: call(z.object({ request: z.string(), text: z.string().min(1) }), hubFoundSchema),
  /** token: from the keychain by main, never stored by the engine; sent to no other origin than tokenOrigin */
  startDownload: call(
    z.object({
      id: z.string(),
      revision: z.string(),
      token: z.string(),
      tokenOrigin: z.string().default(''),
    }),
    downloadSchema,
  ),
  pauseDownload: call(z.object({ key: z.string() }), done),
  resumeDownload: call(
    z.object({ key: z.string(), token: z.string(), tokenOrigin: z.string().default('') }),
    done,
  ),
  cancelDownload: call(z.object({ key: z.string() }), done),
  downloads: call(none, z.array(downloadSchema)),
  datasets: call(none, z.array(datasetEntrySchema)),
  addDataset: call(z.object({ path: z.string().min(1), field: z.string() }), datasetEntrySchema),
  removeDataset: call(path, done),
  /** counts its documents in the background, however large it is; progress and cancel as `count PATH` */
  countDataset: call(path, done),
  previewDataset: call(
    z.object({ path: z.string().min(1), field: z.string(), count: z.int().min(1).max(100) }),
    datasetPreviewSchema,
  ),
  snapshots: call(none, z.array(snapshotEntrySchema)),
  snapshot: call(path, snapshotDetailSchema),
  importSnapshot: call(path, snapshotEntrySchema),
  exportSnapshot: call(
    z.object({
      path: z.string(),
      to: z.string(),
      /** original: a .pt file for the loader of Soft Prompts For Evaluation */
      /** prompt-embeds: the rows alone [P, H], as a torch tensor (.pt) or as safetensors */
      format: z.enum(['workbench', 'peft', 'original', 'prompt-embeds']),
      /** the conditions to bake in, for PEFT and prompt-embeds */
      conditions: z.array(z.number()),
    }),
    z.object({ path: z.string(), metadata: snapshotMetadataSchema }),
  ),
  trashSnapshot: call(path, done),
  restoreSnapshot: call(path, done),

  // playgrounds
  sample: call(sampleRequestSchema, sampleResultSchema),
  chess: call(chessRequestSchema, chessAnswerSchema),
  path: call(pathRequestSchema, pathAnswerSchema),
  randomBoard: call(
    z.object({
      seed: z.int().min(0),
      width: z.int().min(2).max(32),
      height: z.int().min(2).max(32),
    }),
    boardSchema,
  ),
  /** opens a model ahead of the first request; tells its folder, and the tokens of its soft prompt */
  openModel: call(promptedModelSchema, z.object({ model: z.string(), tokens: z.int() })),
  /** models held in memory for the playgrounds */
  warmModels: call(none, z.array(z.object({ model: z.string(), bytes: z.number() }))),
  unloadModels: call(none, done),
  evaluationPrompts: call(
    z.object({ experiment: z.string(), model: z.string() }),
    z.array(z.object({ label: z.string(), text: z.string(), group: z.string() })),
  ),

  /** starts the server for other tools; one that runs is replaced */
  startServing: call(serveRequestSchema, serverStateSchema),
  stopServing: call(none, done),
  /** null: no server runs */
  serving: call(none, serverStateSchema.nullable()),

  /** the next run that finds out how many tokens a behaviour needs, from the runs that are there; starts nothing */
  nextOfAnswer: call(answerRequestSchema, answerStepSchema),
  /** finds the answer: starts run after run until it ends or is stopped. Asked again, it goes on from the runs that are there */
  startAnswer: call(answerRequestSchema, answerStateSchema),
  /** after the run call in flight; its runs stay */
  stopAnswer: call(id, done),
  /** all that were asked for, the newest first */
  answers: call(none, z.array(answerStateSchema)),

  // analysis
  analyse: call(
    z.object({
      runs: z.array(z.string()),
      options: analysisOptionsSchema,
      /** refuse thresholds of behaviours that are not there, instead of leaving them out */
      strict: z.boolean().default(false),
      /** the other axes are asked for next: prepare them while nothing else is asked */
      ahead: z.boolean().optional(),
    }),
    analysisSchema,
  ),
  /** to: folder for the files; answers with their paths */
  writeReport: call(
    z.object({
      runs: z.array(z.string()),
      options: analysisOptionsSchema,
      to: z.string(),
      formats: z.array(z.enum(['html', 'json', 'csv', 'svg'])),
    }),
    z.object({ paths: z.array(z.string()) }),
  ),
  /** a log of Inspect as measures of a run; replaced: evaluations before it that had one of them */
  importEvaluation: call(
    z.object({ id: z.string(), path: z.string() }),
    z.object({ evaluation: evaluationSchema, replaced: z.int() }),
  ),
  importTensorboard: call(
    path,
    z.object({ runs: z.array(z.string()), notes: z.array(z.string()) }),
  ),
  freezeSweep: call(
    z.object({
      sweep: sweepSpecInputSchema,
      thresholds: z.record(z.string(), thresholdSchema),
      note: z.string(),
    }),
    frozenSweepSchema.extend({ path: z.string() }),
  ),
} as const

export type Calls = typeof calls
export type CallName = keyof Calls
export type CallArgs<N extends CallName> = z.input<Calls[N]['args']>
export type CallResult<N extends CallName> = z.output<Calls[N]['result']>
/** What the engine implements and everyone else calls. */
export type WorkbenchApi = {
  [N in CallName]: (args: z.output<Calls[N]['args']>) => Promise<CallResult<N>>
}

export const events = {
  /** runs that are new or changed; `gone`: deleted */
  runsChanged: z.object({ runs: z.array(runSummarySchema), gone: z.array(z.string()) }),
  metrics: z.array(liveMetricsSchema),
  sampleTokens: z.array(sampleEventSchema),
  downloads: z.array(downloadSchema),
  /** models, datasets, snapshots or presets changed: read them again */
  libraryChanged: z.object({
    what: z.enum(['models', 'datasets', 'snapshots', 'presets', 'settings', 'warm', 'server']),
  }),
  /** of a long call, by its request name; fraction null: unknown */
  progress: z.object({ request: z.string(), doing: z.string(), fraction: z.number().nullable() }),
  /** a decision was made, a run began, or it ended */
  answerChanged: answerStateSchema,
  verified: verifiedSchema,
  log: z.array(z.object({ run: z.string(), line: z.string() })),
  /** sent by the host of the engine, not by the engine */
  engineState: z.object({
    kind: z.enum(['starting', 'ready', 'stopped', 'crashed']),
    fault: faultDataSchema.nullable(),
  }),
} as const

export type Events = typeof events
export type EventName = keyof Events
export type EventData<N extends EventName> = z.output<Events[N]>
/** Where the engine sends its events. */
export type Emit = <N extends EventName>(name: N, data: EventData<N>) => void
