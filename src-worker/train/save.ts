// The files that hold what was trained: checkpoints and the final snapshot.
import { basename } from 'node:path'
import { toStateDict } from '../prompt/state-dict'
import { encodeMetadata, writeSnapshot } from '../weights/snapshot-file'
import { writeCheckpoint } from './checkpoint'
import type { Job } from './job'
import type { LoopState } from './loop'
import { metadataOf } from './prepare'
import { runFiles } from './run-folder'
import { specHash } from './spec-name'

export async function saveCheckpoint(job: Job, { state, ...progress }: LoopState): Promise<void> {
  const { folder, prepared } = job
  const { spec, shape } = prepared
  const metadata = encodeMetadata(metadataOf(prepared, basename(folder), state.step))
  const checkpoint = { ...progress, specHash: specHash(spec), state }
  await writeCheckpoint(folder, checkpoint, metadata, p => toStateDict(shape, p))
}

/** The final soft prompt and its metadata. */
export async function saveSnapshot(job: Job, now: LoopState, loss: number): Promise<void> {
  const { folder, prepared } = job
  const metadata = metadataOf(prepared, basename(folder), now.state.step)
  const finalTestLoss = Number.isFinite(loss) ? { finalTestLoss: loss } : {}
  await writeSnapshot(runFiles(folder).snapshot, {
    metadata: { ...metadata, ...finalTestLoss },
    parameters: now.state.parameters,
  })
}

// A run that has no checkpoint yet writes its first within a minute of training, so that whatever ends it costs no more.

/** ms of training without any checkpoint */
export const longestUnsaved = 60_000

export interface FirstCheckpoint {
  /** called after each session call: whether a checkpoint must be written now */
  due(): boolean
  written(): void
}

/** @param saved whether the run has a checkpoint already  @param now ms */
export function firstCheckpoint(
  saved: boolean,
  now: () => number = () => performance.now(),
): FirstCheckpoint {
  const began = now()
  let last = began
  let waiting = !saved
  return {
    due: () => {
      const call = now() - last
      last = now()
      // the next call may take as long as this one
      return waiting && last - began + call > longestUnsaved
    },
    written: () => {
      waiting = false
    },
  }
}
