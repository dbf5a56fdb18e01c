// The server for other tools: whether one runs, where, and how it is started and stopped.
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { ServerState } from '../../src-worker/contract/serve'
import { call } from '../workbench'
import { usePlayground } from './playground'
import { snapshotTitle } from './snapshots-list'

/** Names of models in a request: letters that need no quoting in any tool. */
const nameOf = (title: string): string => title.replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '')

export const useServing = defineStore('serving', () => {
  const playground = usePlayground()
  const state = shallowRef<ServerState | null>(null)
  const busy = ref(false)
  const fault = shallowRef<Fault | null>(null)

  const read = async (): Promise<void> => {
    // an engine that ends meanwhile answers nothing: the next one is asked when it is ready
    state.value = await call('serving', {}).catch(() => state.value)
  }
  const guarded = async (work: () => Promise<unknown>): Promise<void> => {
    busy.value = true
    fault.value = null
    try {
      await work()
    } catch (error) {
      fault.value = asFault(error)
    } finally {
      busy.value = false
    }
  }
  /** What the text room talks to, and the bare model beside it. */
  const start = (port: number): Promise<void> =>
    guarded(async () => {
      const entry = playground.entry('text')
      const model = playground.bareModel('text')
      const bare = { name: 'bare', promptedModel: { model, snapshot: '', startToken: false } }
      const soft = { name: '', promptedModel: playground.promptedModel('text') }
      const models = entry ? [{ ...soft, name: nameOf(snapshotTitle(entry)) }, bare] : [bare]
      state.value = await call('startServing', { models, port })
    })
  const stop = (): Promise<void> =>
    guarded(async () => {
      await call('stopServing', {})
      state.value = null
    })
  return { state, busy, fault, read, start, stop }
})
