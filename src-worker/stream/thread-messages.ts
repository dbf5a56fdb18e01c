// What the engine and its data threads call of each other. Everything is plain data.
import type { MessagePort } from 'node:worker_threads'
import type { FaultData } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { RunSpec } from '../contract/run-spec'
import type { PreparedRecord } from './example'
import type { StreamItem } from './source'
import type { Split } from './split'
import type { StreamCounts } from './stream'
import type { StreamRequest } from './stream-request'

export interface ThreadSetup {
  readonly spec: RunSpec
  readonly model: ModelFolder
  readonly split: Split
  /** threads that it starts to turn records into examples; 0: it prepares by itself */
  readonly tokenizerWorkers: number
  /** the file to start them from */
  readonly file: string
}

/**
 * A data thread either reads, splits, orders and packs (`open`), or only turns records into examples for such a one
 * (`prepare`).
 */
export interface DataThread {
  /** resolves when tokenizer and data pipeline are open */
  start(setup: ThreadSetup): Promise<void>
  /** batches go to the port; `ahead` of them at most that were not taken */
  open(port: MessagePort, request: StreamRequest, ahead: number): void
  prepare(raws: readonly unknown[]): Promise<readonly PreparedRecord[]>
}

/** The thread's side of a stream's port. */
export interface StreamSource {
  /** one batch was used: send another */
  taken(): void
  close(): void
}

/** The reader's side of a stream's port. */
export interface StreamReader {
  item(item: StreamItem, counts: StreamCounts): void
  fault(fault: FaultData): void
}
