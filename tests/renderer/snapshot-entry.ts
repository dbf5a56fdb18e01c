// An entry of the library with the fields a test cares about.
import { type SnapshotEntry, snapshotEntrySchema } from '../../src-worker/contract/library'

export const entryOf = (path: string, change: Record<string, unknown> = {}): SnapshotEntry =>
  snapshotEntrySchema.parse({
    path,
    title: '',
    kind: 'checkpoint',
    run: 'run-1',
    step: 0,
    quickTest: null,
    fullTest: null,
    finalTest: null,
    trainLoss: null,
    date: '2026-11-24T08:00:00Z',
    bytes: 1000,
    behaviour: 'chess',
    playground: 'chess',
    modelPath: '/models/demo',
    misfit: '',
    ...change,
    metadata: {
      source: 'workbench',
      model: 'demo',
      experiment: 'chess',
      shape: { type: 'direct', tokens: 16, width: 192 },
      ...(change.metadata as object | undefined),
    },
  })

/** A library of two checkpoints of one run and a prompt of none. */
export const threeEntries = (): readonly SnapshotEntry[] => [
  entryOf('/a', { step: 1 }),
  entryOf('/b', { step: 2 }),
  entryOf('/c', { run: '' }),
]
