// Where a snapshot's soft prompt stood in training.

import { startSchema } from '../contract/run-spec'
import type { Snapshot } from '../contract/snapshot'

/** Before which token; 0 when it is not known, or was drawn at random. */
export function snapshotStartIndex({ metadata }: Snapshot): number {
  const start = startSchema.safeParse(metadata.training.start)
  return start.success && start.data.kind === 'index' ? start.data.index : 0
}
