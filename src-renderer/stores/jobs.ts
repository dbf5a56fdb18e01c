// Sweeps and answers on a cluster, as its scheduler sees them; asked again while a page shows them.
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Job } from '../../src-worker/contract/cluster'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import { call } from '../workbench'

/** ms; a scheduler does not like to be asked more often */
const lookEvery = 15_000

export const useJobs = defineStore('jobs', () => {
  const all = shallowRef<readonly Job[]>([])
  const busy = ref(false)
  const fault = shallowRef<Fault | null>(null)

  const read = async (): Promise<void> => {
    try {
      all.value = await call('jobs', {})
    } catch (error) {
      fault.value = asFault(error)
    }
  }
  /** Keeps the list up to date. @returns ends it */
  const watch = (): (() => void) => {
    void read()
    const timer = setInterval(() => {
      if (all.value.some(job => job.isActive || job.unknown !== '')) void read()
    }, lookEvery)
    return () => clearInterval(timer)
  }
  const cancel = async (id: string): Promise<void> => {
    busy.value = true
    fault.value = null
    try {
      await call('cancelJob', { id })
      await read()
    } catch (error) {
      fault.value = asFault(error)
    } finally {
      busy.value = false
    }
  }
  const ofSweep = (sweep: string): readonly Job[] => all.value.filter(job => job.sweep === sweep)
  /** whether one waits or runs there */
  const isActive = (sweep: string): boolean => ofSweep(sweep).some(job => job.isActive)
  return { all, busy, fault, watch, cancel, ofSweep, isActive }
})
