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
