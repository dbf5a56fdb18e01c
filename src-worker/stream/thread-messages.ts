// What the engine and its data threads say to each other. Everything is plain data.
import type { MessagePort } from 'node:worker_threads'
import type { StreamItem } from '../behaviours/behaviour'
import type { FaultData } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { RunSpec } from '../contract/run-spec'
import type { Prepared } from './example'
import type { Split } from './split'
import type { StreamCounts } from './stream'
import type { StreamRequest } from './stream-request'

export interface ThreadSetup {
  /** conductor: reads, splits, orders and packs; preparer: only turns records into examples, for a conductor */
  readonly role: 'conductor' | 'preparer'
  readonly spec: RunSpec
  readonly model: ModelFolder
  readonly split: Split
  /** preparers that the conductor starts; 0: it prepares by itself */
  readonly preparers: number
  /** the file to start them from */
  readonly file: string
}

export type ToConductor =
  /** batches go to the port; `ahead` of them at most without an answer */
  | {
      readonly kind: 'open'
      readonly port: MessagePort
      readonly request: StreamRequest
      readonly ahead: number
    }
  | { readonly kind: 'end' }

export type FromConductor =
  | { readonly kind: 'ready' }
  | { readonly kind: 'fault'; readonly fault: FaultData }

/** Along a stream's port. Taken: one batch was used, send another. */
export type ToStream = { readonly kind: 'taken' } | { readonly kind: 'close' }
export type FromStream =
  | { readonly kind: 'item'; readonly item: StreamItem; readonly counts: StreamCounts }
  | { readonly kind: 'fault'; readonly fault: FaultData }

export type ToPreparer =
  | { readonly kind: 'prepare'; readonly id: number; readonly raws: readonly unknown[] }
  | { readonly kind: 'end' }
export type FromPreparer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared'; readonly id: number; readonly prepared: readonly Prepared[] }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: FaultData }
  | { readonly kind: 'fault'; readonly fault: FaultData }
