// One run's provenance, checkpoints and results, read again when its state or its checkpoints may have changed.
import { onScopeDispose, shallowRef, watch } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { ResultRow, RunDetail } from '../../src-worker/contract/run'
import { call } from '../workbench'
import { landmarkOf, useRuns } from './runs'

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
    }
  }

  const landmark = () => {
    const run = runs.get(id)
    return run ? landmarkOf(run) : ''
  }
  // a checkpoint is written after its step was told: look again a little later
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(landmark, () => {
    void read()
    clearTimeout(timer)
    timer = setTimeout(() => void read(), 2000)
  })
  onScopeDispose(() => clearTimeout(timer))
  void read()

  return { detail, results, fault, read }
}
