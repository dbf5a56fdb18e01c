// The columns of the table of snapshots that sort it.
import type { SortKey } from '../../stores/snapshots-list'

export interface SnapshotColumn {
  readonly key: SortKey
  readonly label: string
  readonly num?: true
  /** left out where there is little room, or less than much: the second line of the name says it there */
  readonly fold?: 'folds' | 'folds-early'
}

export const snapshotColumns: readonly SnapshotColumn[] = [
  { key: 'experiment', label: 'Behaviour' },
  { key: 'model', label: 'Model', fold: 'folds-early' },
  { key: 'tokens', label: 'Tokens', num: true },
  { key: 'data', label: 'Data', fold: 'folds-early' },
  { key: 'step', label: 'Step', num: true },
  { key: 'quickTest', label: 'Quick test', num: true, fold: 'folds-early' },
  { key: 'fullTest', label: 'Full test', num: true, fold: 'folds-early' },
  { key: 'finalTest', label: 'Final test', num: true, fold: 'folds-early' },
  { key: 'date', label: 'Date', fold: 'folds' },
]
