// One run's provenance, checkpoints and results, read again when its state or the library has changed.
import { onScopeDispose, shallowRef, watch } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import { isActive, type ResultRow, type RunDetail } from '../../src-worker/contract/run'
import { call, on } from '../workbench'
import { useRuns } from './runs'

export function useRunDetail(id: string) {
  const runs = useRuns()
  const detail = shallowRef<RunDetail | null>(null)
  const results = shallowRef<readonly ResultRow[]>([])
  const fault = shallowRef<Fault | null>(null)

  const read = async () => {
    try {
      detail.value = await call('run', { id })
      results.value = await call('results', { id })
      fault.value = null
    } catch (error) {
      fault.value = asFault(error)
      // trashed meanwhile: what was read of it is no more
      if (!runs.get(id)) detail.value = null
    }
  }

  watch(
    () => {
      const run = runs.get(id)
      // what is imported into a run changes its time alone; while it works, that changes all the time
      return run && [run.state.kind, isActive(run.state) ? '' : run.updatedAt].join(' ')
    },
    () => void read(),
  )
  onScopeDispose(on('libraryChanged', ({ what }) => what === 'snapshots' && void read()))
  void read()

  return { detail, results, fault, read }
}
