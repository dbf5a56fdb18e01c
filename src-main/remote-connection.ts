// The engine on another machine as a connection like that to our own (engine-connection.ts). What runs there outlives it.
import type { HostTable } from '../src-worker/contract/engine'
import { asFault, Fault } from '../src-worker/contract/fault'
import {
  isOfConnection,
  openRemoteEngine,
  type RemoteEngine,
} from '../src-worker/machines/remote-engine'
import type { Machine } from '../src-worker/machines/ssh'
import type { EngineConnection } from './engine-connection'

/** For a connection that broke, or that ssh could not make: it is tried again. */
export const remoteLost = (why: string, wait: number): Fault =>
  new Fault(
    'network',
    why,
    `What runs there goes on. Wait ${Math.ceil(wait / 1000)} s: the connection is tried again by itself.`,
  )

export function connectRemote(
  machine: Machine,
  version: string,
  events: HostTable['events'],
): EngineConnection {
  let closed = false
  const opening = openRemoteEngine(machine, version, {
    events: batch => {
      if (!closed) events(batch)
    },
  })
  // a machine without spw, or with another version, refuses again until a person does something
  const start = opening.then(
    () => 'ready' as const,
    error => (isOfConnection(error) ? ('died' as const) : asFault(error).toData()),
  )
  const gone = opening.then(
    async ({ lost }) => (await lost).message,
    error => asFault(error).message,
  )
  const leave = ({ close }: RemoteEngine): void => close()
  return {
    kind: 'process',
    bornAt: Date.now(),
    start,
    gone,
    ask: async (name, args) => {
      try {
        return await (await opening).call.call(name, args)
      } catch (error) {
        return { ok: false, fault: asFault(error).toData() }
      }
    },
    close: async () => {
      closed = true
      void opening.then(leave, () => undefined)
      return true
    },
  }
}
