// What a run reads: streams of batches, evaluation prompts, held-out records; and what they are made from.
import type { MicroBatch } from '../contract/batch'
import type { ExperimentSpec } from '../contract/experiment-spec'
import type { RunSpec } from '../contract/run-spec'
import type { OpenPipeline, PipelineContext } from './data-pipeline'
import type { RngState } from './rng'
import type { DataSurvey } from './survey'

/** Where a stream stands after a batch: plain JSON, kept in checkpoints. */
export interface StreamCursor {
  readonly version: 1
  /** batches delivered so far */
  readonly batches: number
  /** pass over the data, and records taken of it */
  readonly epoch: number
  readonly taken: number
  /** the generator of start indices */
  readonly random: RngState
  /** what each lane still holds: [pass, position in it, tokens used up] */
  readonly lanes: readonly (readonly [number, number, number] | null)[]
}

export interface StreamItem {
  readonly batch: MicroBatch
  /** [R]: ordinal of the document each labelled row belongs to, for the bootstrap */
  readonly documentOf: Int32Array
  /** resuming training from it gives exactly the batches that follow this one */
  readonly cursor: StreamCursor
}

export interface BatchStream {
  next(): Promise<StreamItem>
  close(): Promise<void>
}

/** Overrides for baselines: the same data, packed otherwise. */
export interface StreamOptions {
  /** soft prompt tokens P; absent: as the spec says */
  readonly promptTokens?: number
  /** a token in front of every sample that does not begin with it, never a label (the start-token baseline) */
  readonly prefixToken?: number
}

/** A prompt that the model continues, with and without the soft prompt. */
export interface EvaluationPrompt {
  readonly id: string
  readonly label: string
  /** for the table of results: prompts of one group stand together */
  readonly group: string
  readonly text: string
  readonly tokenIds: readonly number[]
  readonly conditions: readonly number[]
  readonly placeAt: 'start' | 'end'
  /** the soft prompt goes before this token, when the example itself decides it (custom); else placeAt does */
  readonly start?: number
  /** the true continuation, when there is one */
  readonly expected?: string
  /** the labelled tokens that follow tokenIds, as they are trained on; absent: none, or they lost their end */
  readonly target?: readonly number[]
  readonly choice?: Choice
  /** what decides its side of the split: prompts of one key are one held-out unit; absent: each is its own */
  readonly key?: string
}

/** Multiple choice: the options as tokens, the expected one first, each with its end token. */
export interface Choice {
  /** options follow the first so many of the prompt's tokens; those behind are the first option's too */
  readonly at: number
  /** bytes of the text as it was written */
  readonly options: readonly { readonly ids: readonly number[]; readonly bytes: number }[]
}

export interface DataReport {
  /** records read for training, all passes; first pass: what the data holds */
  readonly documents: number
  readonly heldOut: number
  /** by reason */
  readonly skipped: Readonly<Record<string, number>>
  /** examples that are not as their record had it, by reason */
  readonly changed: Readonly<Record<string, number>>
  /** finished passes over the training data */
  readonly epochs: number
  /** data threads; 0: tokenising is done in the engine's thread, for the reason in `threadFault` */
  readonly threads: number
  readonly threadFault: string
  /** share of the time since the first training batch was asked for that training waited for data */
  readonly waitShare: number
  readonly path: string
  /** that holds the text, named or found; empty: the data have no such field */
  readonly field: string
  readonly fingerprint: string
  /** how the held-out data were chosen, in words */
  readonly split: string
  /** training and test data before the run: read, used, left out and changed, by reason */
  readonly survey: DataSurvey
  /** the same in words */
  readonly held: readonly string[]
  readonly warnings: readonly string[]
}

/** An experiment opened for one run. */
export interface ExperimentRun {
  readonly conditionNames: readonly string[]
  /** endless: passes over the data, each in another order; the same for any number of threads */
  train(cursor?: StreamCursor, options?: StreamOptions): BatchStream
  /**
   * Held-out data, the same batches every time and for every seed. Each token is seen once, the last batch has fewer
   * lanes; then the data begin again, with cursor.epoch 1. For the number at the end of a run.
   */
  test(options?: StreamOptions): BatchStream
  /** The same of the half for whatever happens during a run and for every choice; the test's own where nothing is cut. */
  validation(options?: StreamOptions): BatchStream
  evaluationPrompts(): Promise<readonly EvaluationPrompt[]>
  /** the raw records of the test in file order, for measures of behaviour; endless where the data are */
  heldOut(): AsyncIterable<unknown>
  /** see unitsOf of split.ts */
  unitsOf(documents: readonly number[]): Promise<readonly number[] | undefined>
  report(): DataReport
  close(): Promise<void>
}

export interface ExperimentContext extends PipelineContext {
  /** SPW_HOME: cached heads of remote files lie in its `datasets` */
  readonly home: string
  /** the app's resources folder: demo data, evaluation prompts */
  readonly resources: string
  /** data threads; absent: by the number of cores; 0: none, all in this thread */
  readonly threads?: number
  /** the built data-thread.js; absent: looked for beside the running script */
  readonly threadFile?: string
  /** what is being done before the first batch, for instance a download */
  readonly onProgress?: (doing: string, share: number | undefined) => void
  readonly signal?: AbortSignal
}

/** The raw records of the held-out side, in file order, once. */
export type HeldOut = () => AsyncIterable<unknown>

/** The files of a run in the form in which they are read. */
export interface PreparedFiles {
  readonly spec: RunSpec
  /** of the files that the user named; absent: of the spec's */
  readonly fingerprint?: string
  readonly warnings: readonly string[]
}

/** What a behaviour does with its data; open.ts and preview.ts do the rest. */
export interface DataSource {
  /** of a run with this experiment; known from its options alone */
  conditionNames(experiment: ExperimentSpec): readonly string[]
  readonly openPipeline: OpenPipeline
  /** bundled file that data.path 'demo' stands for, relative to the resources folder; empty: none */
  readonly demoData: string
  /** makes the files of a run quick to read, once; absent: they are read as they are */
  prepareFiles?(context: ExperimentContext): Promise<PreparedFiles>
  evaluationPrompts(
    context: ExperimentContext,
    heldOut: HeldOut,
  ): Promise<readonly EvaluationPrompt[]>
}
