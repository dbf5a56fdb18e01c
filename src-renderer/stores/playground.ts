// What the three playgrounds share: who speaks in each (a snapshot, or a bare model), the
// checkpoints of its run
// for time travel, and the models the engine keeps warm for them.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { SnapshotEntry } from '../../src-worker/contract/library'
import type { PromptedModel } from '../../src-worker/contract/playground'
import { promptTrouble } from '../text/run-text'
import { call } from '../workbench'
import { useLibrary } from './library'
import { useRuns } from './runs'
import { isControl, isUsable } from './snapshots-list'
import { useToasts } from './toasts'

/** A playground, by its address without the slash. */
export type Room = string

/** Choices outlive a reload of the window. */
const keyOf = (room: Room): string => `speaker-${room}`
const remembered = (room: Room): string => localStorage.getItem(keyOf(room)) ?? ''

export const usePlayground = defineStore('playground', () => {
  const library = useLibrary()
  const runs = useRuns()
  const toasts = useToasts()
  /** chosen in this window; what was chosen before is remembered */
  const paths = ref<Readonly<Record<Room, string>>>({})
  const chosen = (room: Room): string => paths.value[room] ?? remembered(room)
  /** the bare model to speak when no snapshot does */
  const model = ref(localStorage.getItem('speaker-model') ?? '')

  const byPath = computed(() => new Map(library.snapshots.map(s => [s.path, s])))
  const at = (path: string): SnapshotEntry | null => byPath.value.get(path) ?? null
  const entry = (room: Room): SnapshotEntry | null => at(chosen(room))

  const choose = (room: Room, path: string) => {
    paths.value = { ...paths.value, [room]: path }
    localStorage.setItem(keyOf(room), path)
  }
  const chooseModel = (id: string) => {
    model.value = id
    localStorage.setItem('speaker-model', id)
  }

  /** Usable snapshots that belong in the room. */
  const fitting = (room: Room): readonly SnapshotEntry[] =>
    library.snapshots.filter(s => isUsable(s) && s.playground === room)

  /** The newest snapshot that fits, for a first visit; or what is chosen, the bare model too. */
  const settle = (room: Room) => {
    const choseBare = chosen(room) === '' && localStorage.getItem(keyOf(room)) !== null
    if (entry(room) !== null || choseBare) return
    const byDate = [...fitting(room)].sort((a, b) => (a.date < b.date ? 1 : -1))
    const trained = byDate.filter(({ run }) => promptTrouble(runs.get(run)) === '')
    const newest = trained.find(s => !isControl(s)) ?? trained[0] ?? byDate[0]
    if (newest) paths.value = { ...paths.value, [room]: newest.path }
  }

  /** The bare model that stands beside or instead of a snapshot. */
  const bareModel = (room: Room): string =>
    entry(room)?.modelPath ?? (model.value || (library.usable[0]?.id ?? ''))

  const promptedModel = (room: Room): PromptedModel => {
    const chosen = entry(room)
    if (chosen === null) return { model: bareModel(room), snapshot: '', startToken: false }
    return { model: chosen.modelPath ?? '', snapshot: chosen.path, startToken: false }
  }

  /** Checkpoints and the final snapshot of the same run, by step: the stops of time travel. */
  const travel = (room: Room): readonly SnapshotEntry[] => {
    const run = entry(room)?.run ?? ''
    return run === '' ? [] : stopsOf(library.snapshots, run)
  }

  const warmBytes = computed(() => library.warm.reduce((sum, w) => sum + w.bytes, 0))
  const unload = async () => {
    const done = await toasts.attempt(call('unloadModels', {}), 'Models unloaded.')
    if (done !== undefined) await library.reload('warm')
  }

  return {
    ...{
      chosen,
      model,
      at,
      entry,
      choose,
      chooseModel,
      settle,
      fitting,
      bareModel,
      promptedModel,
      travel,
    },
    ...{ warmBytes, unload },
  }
})

/** One entry a step: the final snapshot stands for a checkpoint of the same step. */
export function stopsOf(all: readonly SnapshotEntry[], run: string): readonly SnapshotEntry[] {
  const bySteps = new Map<number, SnapshotEntry>()
  for (const entry of all) {
    if (entry.run !== run) continue
    const known = bySteps.get(entry.step)
    if (known === undefined || entry.kind === 'snapshot') bySteps.set(entry.step, entry)
  }
  return [...bySteps.values()].sort((a, b) => a.step - b.step)
}
