// The state of the snapshots and what can be done on it: import, look inside, compare, export, trash with
// undo.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { SnapshotDetail, SnapshotEntry } from '../../src-worker/contract/library'
import { plural } from '../text/format'
import { call } from '../workbench'
import { useLibrary } from './library'
import { matches, type Sorting, type SortKey, snapshotTitle, sorted } from './snapshots-list'
import { useToasts } from './toasts'

/** A file that was refused, and why. */
export interface Refusal {
  readonly path: string
  readonly fault: Fault
}

export const useSnapshots = defineStore('snapshots', () => {
  const library = useLibrary()
  const toasts = useToasts()
  const search = ref('')
  const sorting = ref<Sorting>({ key: 'date', descending: true })
  const selected = ref('')
  /** paths of the two being compared, in the order they were picked */
  const compared = ref<readonly string[]>([])
  const detail = shallowRef<SnapshotDetail | null>(null)
  const detailFault = shallowRef<Fault | null>(null)
  const refusals = shallowRef<readonly Refusal[]>([])
  const importing = ref(false)

  const shown = computed(() =>
    sorted(
      library.snapshots.filter(s => matches(s, search.value)),
      sorting.value,
    ),
  )
  const at = (path: string): SnapshotEntry | undefined =>
    library.snapshots.find(s => s.path === path)

  /** Sort by a column; the same column again turns it round. */
  const sortBy = (key: SortKey) => {
    const again = sorting.value.key === key
    const descending = again ? !sorting.value.descending : key === 'date'
    sorting.value = { key, descending }
  }

  /** Look inside one; an answer for one that is no longer selected is dropped. */
  const open = async (path: string) => {
    selected.value = path
    detail.value = null
    detailFault.value = null
    if (path === '') return
    try {
      const found = await call('snapshot', { path })
      if (selected.value === path) detail.value = found
    } catch (error) {
      if (selected.value === path) detailFault.value = asFault(error)
    }
  }

  /** Bring files or folders in one by one: a refused one does not keep the others out. */
  const bring = async (paths: readonly string[]) => {
    importing.value = true
    refusals.value = []
    const brought: SnapshotEntry[] = []
    for (const path of paths) {
      try {
        brought.push(await call('importSnapshot', { path }))
      } catch (error) {
        refusals.value = [...refusals.value, { path, fault: asFault(error) }]
      }
    }
    importing.value = false
    await library.reload('snapshots')
    const last = brought.at(-1)
    if (last === undefined) return
    toasts.say(`${plural(brought.length, 'snapshot')} imported.`)
    search.value = ''
    await open(last.path)
  }

  const forget = (refused: Refusal) => {
    refusals.value = refusals.value.filter(r => r !== refused)
  }

  const trash = async (entry: SnapshotEntry) => {
    const asked = await toasts.attempt(call('trashSnapshot', { path: entry.path }))
    if (asked === undefined) return
    if (selected.value === entry.path) await open('')
    compared.value = compared.value.filter(path => path !== entry.path)
    await library.reload('snapshots')
    toasts.undoable(`${snapshotTitle(entry)} moved to the trash.`, () => void restore(entry.path))
  }
  const restore = async (path: string) => {
    const asked = await toasts.attempt(call('restoreSnapshot', { path }))
    if (asked !== undefined) await library.reload('snapshots')
  }

  /** Own format or PEFT; conditions are baked into the rows of a PEFT adapter. */
  const save = async (
    entry: SnapshotEntry,
    format: 'workbench' | 'peft',
    to: string,
    conditions: readonly number[],
  ) => {
    const args = { path: entry.path, to, format, conditions: [...conditions] }
    const done = await toasts.attempt(call('exportSnapshot', args))
    if (done === undefined) return
    const show = () => void toasts.attempt(call('showInFolder', { path: done.path }))
    toasts.show({ text: `Exported to ${done.path}`, action: { label: 'Show', run: show } })
  }

  /** At most two are compared: a third replaces the older. */
  const toggleCompared = (path: string) => {
    compared.value = compared.value.includes(path)
      ? compared.value.filter(p => p !== path)
      : [...compared.value, path].slice(-2)
  }

  return {
    ...{ search, sorting, selected, compared, detail, detailFault, refusals, importing, shown, at },
    ...{ sortBy, open, bring, forget, trash, restore, save, toggleCompared },
  }
})
