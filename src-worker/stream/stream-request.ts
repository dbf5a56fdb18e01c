// A stream as plain data, and how a thread or the engine itself makes it real: the same function in both.

import type { RunSpec } from '../contract/run-spec'
import type { DataPipeline } from './data-pipeline'
import type { PreparedRecord } from './example'
import type { PackOptions } from './pack'
import type { StreamCursor, StreamItem } from './source'
import type { Side, Split } from './split'
import { batchesFrom, type StreamCounts, type StreamSource } from './stream'
import { testBatches } from './test-stream'

export interface StreamRequest {
  readonly purpose: Side
  readonly packing: PackOptions
  readonly cursor?: StreamCursor
}

export interface Data {
  readonly spec: RunSpec
  readonly pipeline: DataPipeline
  readonly split: Split
  readonly prepare: (raws: readonly unknown[]) => Promise<readonly PreparedRecord[]>
}

/** The order and starts of test data depend on nothing, so that every run of a sweep is tested on the same batches. */
const testSeed = 0

type Reading = Pick<StreamSource, 'path' | 'side' | 'orderSeed' | 'startSeed'>

function readingOf({ spec, split }: Data, purpose: Side): Reading {
  const { path, testPath } = spec.data
  if (purpose === 'train') {
    // the original reads its data in order
    const orderSeed = spec.original ? undefined : spec.seed
    return { path, side: 'train', orderSeed, startSeed: spec.seed }
  }
  const fixed = { orderSeed: undefined, startSeed: testSeed }
  // a held-out side that is not cut stands for both
  const side = split.validation === undefined ? 'test' : purpose
  if (testPath !== '') return { path: testPath, side, ...fixed }
  // nothing held out: the training data in another order
  if (split.atMost < 0) return { path, side: 'all', orderSeed: testSeed, startSeed: testSeed }
  return { path, side, ...fixed }
}

/** Batches as asked, endless. Faults: those of batchesFrom. */
export function streamOf(
  data: Data,
  request: StreamRequest,
  counts: StreamCounts,
): AsyncGenerator<StreamItem> {
  const { spec, pipeline, split, prepare } = data
  const source: StreamSource = {
    ...{ spec, pipeline, split, prepare, counts },
    ...readingOf(data, request.purpose),
    packing: request.packing,
  }
  return request.purpose === 'train' ? batchesFrom(source, request.cursor) : testBatches(source)
}
