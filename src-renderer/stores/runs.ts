// Every run, as the engine last reported it; and the things one can do to them.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { EventData } from '../../src-worker/contract/api'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import { isActive, type RunSummary } from '../../src-worker/contract/run'
import { plural } from '../text/format'
import { runNames, sweepNames } from '../text/run-text'
import { call } from '../workbench'
import { useToasts } from './toasts'

const linesKept = 2000

export const useRuns = defineStore('runs', () => {
  const toasts = useToasts()
  // shallow: thousands of immutable summaries; a deep ref would proxy each of them
  const byId = shallowRef<ReadonlyMap<string, RunSummary>>(new Map())
  const loaded = ref(false)
  const fault = shallowRef<Fault | null>(null)
  const logs = shallowRef<ReadonlyMap<string, readonly string[]>>(new Map())

  /** newest first */
  const all = computed(() =>
    [...byId.value.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
  )
  const active = computed(() => all.value.filter(r => isActive(r.state)))
  const queued = computed(() => all.value.filter(r => r.state.kind === 'queued'))
  const interrupted = computed(() => all.value.filter(r => r.state.kind === 'interrupted'))
  const get = (id: string): RunSummary | undefined => byId.value.get(id)
  const sweepTitles = computed(() => sweepNames(all.value))
  const names = computed(() => runNames(all.value))
  /** what a sweep is called in lists */
  const sweepName = (sweep: string): string => sweepTitles.value.get(sweep) ?? sweep
  const ofSweep = (sweep: string) => all.value.filter(r => r.sweep === sweep)

  /** Of these runs, prompts written as text and not trained: what trained ones are compared with. */
  const written = (ids: readonly string[]): string[] =>
    ids.filter(id => {
      const { prompt, training } = get(id)?.spec ?? {}
      const isText = prompt !== undefined && 'init' in prompt && prompt.init.kind === 'text'
      return isText && training?.steps === 0
    })

  const load = async () => {
    try {
      byId.value = new Map((await call('runs', {})).map(r => [r.id, r]))
      fault.value = null
      loaded.value = true
    } catch (error) {
      fault.value = asFault(error)
    }
  }

  const accept = ({ runs, gone }: EventData<'runsChanged'>) => {
    const next = new Map(byId.value)
    for (const run of runs) next.set(run.id, run)
    for (const id of gone) next.delete(id)
    byId.value = next
  }

  const acceptLog = (lines: EventData<'log'>) => {
    const next = new Map(logs.value)
    for (const { run, line } of lines) {
      const known = next.get(run)
      if (known) next.set(run, [...known.slice(-linesKept), line])
    }
    logs.value = next
  }

  /** The log of a run; from then on it grows by events. */
  const readLog = async (id: string) => {
    const lines = await call('runLog', { id })
    logs.value = new Map(logs.value).set(id, lines)
  }

  const each = async (ids: readonly string[], act: (id: string) => Promise<unknown>) => {
    for (const id of ids) await toasts.attempt(act(id))
  }
  const pause = (ids: readonly string[]) => each(ids, id => call('pauseRun', { id }))
  const stop = (ids: readonly string[]) => each(ids, id => call('stopRun', { id }))
  const resume = (ids: readonly string[], steps = 0) =>
    each(ids, id => call('resumeRun', { id, steps }))

  /** @returns whether they are gone */
  const trash = async (ids: readonly string[]): Promise<boolean> => {
    const asked = await toasts.attempt(call('trashRuns', { ids: [...ids] }))
    if (asked === undefined) return false
    const undo = () => void toasts.attempt(call('restoreRuns', { ids: [...ids] }))
    toasts.undoable(`${plural(ids.length, 'run')} moved to the trash.`, undo)
    return true
  }

  const edit = async (run: RunSummary, change: Partial<Pick<RunSummary, Editable>>) => {
    const { id, name, note, colour } = { ...run, ...change }
    const edited = await toasts.attempt(call('editRun', { id, name, note, colour }))
    if (edited) accept({ runs: [edited], gone: [] })
  }

  const renameSweep = (sweep: string, name: string) =>
    toasts.attempt(call('renameSweep', { sweep, name }))

  return {
    ...{ names, sweepName, renameSweep },
    ...{ byId, loaded, fault, logs, all, active, queued, interrupted, get, ofSweep, written },
    ...{ load, accept, acceptLog, readLog, pause, stop, resume, trash, edit },
  }
})

type Editable = 'name' | 'note' | 'colour'
