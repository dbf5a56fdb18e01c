// What the engine is and how it is: its state, versions and devices; and the shell around it.
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { CallResult, EventData } from '../../src-worker/contract/api'
import type { DesktopResult } from '../../src-worker/contract/desktop'
import { asFault, Fault, fromData } from '../../src-worker/contract/fault'
import type { Device } from '../../src-worker/contract/library'
import { call } from '../workbench'

export const useEngine = defineStore('engine', () => {
  const state = ref<EventData<'engineState'>['kind']>('starting')
  const fault = shallowRef<Fault | null>(null)
  const info = shallowRef<CallResult<'engineInfo'> | null>(null)
  const app = shallowRef<DesktopResult<'appInfo'> | null>(null)
  const devices = shallowRef<readonly Device[]>([])

  /** why it went down in this session, until one has seen it; it is started again by itself */
  const crash = shallowRef<Fault | null>(null)

  const accept = (next: EventData<'engineState'>) => {
    state.value = next.kind
    fault.value = next.fault ? fromData(next.fault) : null
    if (next.kind === 'crashed') crash.value = fault.value ?? unexplained()
  }

  /** For a window that was opened after the engine reported its state. */
  const readState = async () => accept(await call('engineStateNow', {}))

  const load = async () => {
    try {
      app.value = await call('appInfo', {})
      info.value = await call('engineInfo', {})
      devices.value = await call('devices', {})
    } catch (error) {
      fault.value = asFault(error)
    }
  }

  const restart = async () => {
    try {
      await call('restartEngine', {})
    } catch (error) {
      fault.value = asFault(error)
    }
  }

  return { state, fault, crash, info, app, devices, accept, readState, load, restart }
})

const unexplained = () =>
  new Fault(
    'engine',
    'The engine stopped without a word.',
    'Look into its log, then resume the runs.',
  )
