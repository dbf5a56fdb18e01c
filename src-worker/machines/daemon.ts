// The engine as a process of its own behind a socket: it goes on when a connection ends, and serves several at
// once.

import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { calls, type Emit, type WorkbenchApi } from '../contract/api'
import {
  answer,
  batched,
  type Engine,
  type EngineTable,
  type HostTable,
  isCallName,
  validArguments,
} from '../contract/engine'
import { asFault } from '../contract/fault'
import { connect, type Remote } from '../contract/rpc'
import { isUnderWay } from '../contract/run'
import { withFileLock } from '../dataset/file-lock'
import { framedPort, greetingOf } from './frames'
import { connectTo, listenAt, socketPath } from './socket'

export interface DaemonOptions {
  readonly home: string
  readonly version: string
  readonly open: (emit: Emit) => Promise<Engine>
  /** seconds without a connection and without work, after which it ends */
  readonly idleSeconds: number
  /** ends it: checkpoint, then leave */
  readonly signal: AbortSignal
}

/** bytes that may wait for one who does not read them; then the connection is closed, and opened again by the other side */
const mostWaiting = 256e6
/** seconds between two looks whether there is work, at most */
const lookEvery = 30

/** Whether anything goes on that must not end with the last connection. */
async function isBusy(api: WorkbenchApi): Promise<boolean> {
  const [runs, downloads, answers, server] = await Promise.all([
    ...([api.runs({}), api.downloads({}), api.answers({})] as const),
    api.serving({}),
  ])
  return (
    server !== null ||
    runs.some(({ state }) => isUnderWay(state)) ||
    downloads.some(({ state }) => ['queued', 'running', 'verifying'].includes(state)) ||
    answers.some(({ kind }) => kind === 'running')
  )
}

/** What one connection may call. The engine is open already and outlives it, so `start` and `close` have nothing to do. */
const tableOf = (api: WorkbenchApi): EngineTable => ({
  start: async () => undefined,
  call: async (name, args) => {
    try {
      const valid = isCallName(name) ? validArguments(calls[name].args, name, args) : args
      return await answer(api, name, valid)
    } catch (error) {
      return { ok: false, fault: asFault(error).toData() }
    }
  },
  close: async () => undefined,
})

/** Connections of now, and what they are sent. */
function clientsOf(version: string) {
  const clients = new Map<Socket, Remote<HostTable>>()
  const { emit, flush } = batched(events => {
    for (const [socket, { tell }] of clients) {
      if (socket.writableLength > mostWaiting) socket.destroy()
      else tell.events(events)
    }
  })
  const accept = (socket: Socket, api: WorkbenchApi): void => {
    socket.on('error', () => socket.destroy())
    socket.once('close', () => clients.delete(socket))
    socket.write(greetingOf(version))
    const port = framedPort(socket, socket, () => socket.destroy())
    clients.set(socket, connect<HostTable>(port, tableOf(api)))
  }
  const close = (): void => {
    flush()
    for (const socket of clients.keys()) socket.end()
  }
  return { emit, accept, close, count: () => clients.size }
}

/** Resolves when nobody has been connected and nothing has been at work for so long, or at the signal. */
async function untilIdle(
  { idleSeconds, signal }: DaemonOptions,
  isNeeded: () => Promise<boolean>,
): Promise<void> {
  const look = Math.min(lookEvery, idleSeconds / 2)
  let idle = 0
  while (!signal.aborted && idle < idleSeconds) {
    await sleep(look * 1000, undefined, { signal }).catch(() => undefined)
    idle = (await isNeeded()) ? 0 : idle + look
  }
}

/**
 * Serves until it is idle for long, or at the signal.
 * @returns false at once: another engine serves this home on this machine already
 */
export async function serveEngine(options: DaemonOptions): Promise<boolean> {
  const { home, version, open } = options
  const path = socketPath(home, version)
  const clients = clientsOf(version)
  const begin = async () => {
    const other = await connectTo(path)
    other?.destroy()
    if (other !== undefined) return undefined
    const engine = await open(clients.emit)
    const server = createServer(socket => clients.accept(socket, engine.api))
    await listenAt(server, path)
    return { engine, server }
  }
  const serving = await withFileLock(`${path}.lock`, options.signal, begin)
  if (serving === undefined) return false
  const { engine, server } = serving
  await untilIdle(options, async () => clients.count() > 0 || (await isBusy(engine.api)))
  // from now on a new connection starts a new engine
  server.close()
  await rm(path, { force: true })
  await engine.close()
  clients.close()
  return true
}
