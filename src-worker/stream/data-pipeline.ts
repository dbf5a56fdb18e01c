// The data pipeline of a behaviour: what it does to its records, as functions that each data thread opens from the run's spec.
// stream.ts does the rest for all of them: split, order, lanes, start indices, cursor, threads.

import type { ModelFolder } from '../contract/model'
import type { RunSpec } from '../contract/run-spec'
import type { SkipCounts } from '../dataset/skip-counts'
import type { Tokenizer } from '../dataset/tokenizer'
import type { Lane, PreparedRecord } from './example'
import type { LaneKind } from './lanes'
import type { LabelledBatch } from './micro-batch'
import type { PackOptions } from './pack'

/** What a data pipeline is opened with, in each thread; plain data except the tokenizer. */
export interface PipelineContext {
  /** data.path and data.testPath are local by now: a file, a folder, or 'procedural' */
  readonly spec: RunSpec
  readonly model: ModelFolder
  readonly tokenizer: Tokenizer
}

export interface DataPipeline<Raw = unknown> {
  /** persistent: a lane continues its example until it is used up; fresh: every batch takes new examples */
  readonly lanes: LaneKind
  /** the field of its records that holds the text, named or found; absent: it reads no such data */
  readonly field?: string
  /** reasons for which records are left out on purpose: a filter's, which is nothing to warn of */
  readonly filters?: ReadonlySet<string>
  /** preparing costs more JavaScript than tokenising: worth several threads */
  readonly heavy: boolean
  /**
   * All records in file order, from the beginning, the same at each call. Skips unusable ones and counts why.
   * May be endless (procedural data).
   * @param remarks gets what is to be said of a whole file, once it is read
   */
  records(path: string, skipped: SkipCounts, remarks?: Set<string>): AsyncIterable<RawRecord<Raw>>
  /** Pure and in order: the same records give the same examples in any thread. */
  prepare(raws: readonly Raw[]): Promise<readonly PreparedRecord[]>
  pack(lanes: readonly Lane[], options: PackOptions): LabelledBatch
}

export type OpenPipeline = (context: PipelineContext) => Promise<DataPipeline>

export interface RawRecord<Raw = unknown> {
  /** what decides on which side of the held-out split it falls: equal keys fall on the same side */
  readonly key: string
  /** about how much memory it takes */
  readonly bytes: number
  /** survives structured clone */
  readonly raw: Raw
  /** what its reader made otherwise than the file has it, by reason */
  readonly notes?: readonly string[]
}
