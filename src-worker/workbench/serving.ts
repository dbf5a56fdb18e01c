// The calls about the server for other tools: at most one runs, in a process of its own.
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import type { ServerState } from '../contract/serve'
import { type Started, startProcess } from '../ports/start'
import type { Context } from './context'
import type { ServeProcess } from './serve-process'
import serveFile from './serve-process?modulePath'

export type ServingCalls = Pick<WorkbenchApi, 'startServing' | 'stopServing' | 'serving'>

export interface Serving {
  readonly calls: ServingCalls
  close(): Promise<void>
}

const died = (why: string): Fault =>
  new Fault('engine', `the server ended: ${why}`, 'Start it again, perhaps with fewer models.')

export function openServing({ home, resources, emit, log }: Context): Serving {
  let started: Started<ServeProcess> | undefined
  let state: ServerState | null = null

  const stop = async (): Promise<void> => {
    const ending = started
    started = undefined
    state = null
    await ending?.end()
    emit('libraryChanged', { what: 'server' })
  }
  const calls: ServingCalls = {
    startServing: async request => {
      await stop()
      const fresh = startProcess<ServeProcess>(serveFile, { fault: died })
      started = fresh
      try {
        state = await fresh.call.start({ home, resources }, request)
      } catch (error) {
        await stop()
        throw error
      }
      void fresh.gone.then(why => {
        if (started !== fresh) return
        log(`server: ${why}`)
        void stop()
      })
      emit('libraryChanged', { what: 'server' })
      return state
    },
    stopServing: async () => {
      await stop()
      return null
    },
    serving: async () => state,
  }
  return { calls, close: stop }
}
