// What the parts of the workbench share: places, the way out for events, names of living owners, cancellable requests.
import { appendFile } from 'node:fs/promises'
import type { Emit } from '../contract/api'
import { Fault } from '../contract/fault'
import { homePaths, type Places } from '../train/home'

export interface Context extends Places {
  readonly emit: Emit
  /** of the leases that this engine takes */
  readonly owner: string
  log(line: string): void
  /**
   * Runs something under a request's name, so that `cancel` stops it. A second request of one name cancels the first.
   * Faults: `cancelled`.
   */
  cancellable<T>(request: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  cancel(request: string): void
}

export function openContext(places: Places, owner: string, emit: Emit): Context {
  const log = (line: string): void => {
    const text = `${new Date().toISOString()} ${line}\n`
    appendFile(homePaths(places.home).log, text).catch(() => undefined)
    emit('log', [{ run: '', line }])
  }
  const requests = new Map<string, AbortController>()
  return {
    ...places,
    emit,
    owner,
    log,
    cancellable: async (request, work) => {
      requests.get(request)?.abort()
      const controller = new AbortController()
      requests.set(request, controller)
      try {
        return await work(controller.signal)
      } catch (error) {
        // what was cancelled may say itself how it goes on
        const says = error instanceof Fault && error.code === 'cancelled'
        if (says || !controller.signal.aborted) throw error
        throw new Fault('cancelled', `${request} was cancelled`, 'Start it again when you like.')
      } finally {
        if (requests.get(request) === controller) requests.delete(request)
      }
    },
    cancel: request => requests.get(request)?.abort(),
  }
}
