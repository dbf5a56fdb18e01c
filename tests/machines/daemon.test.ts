// The engine behind its socket: one for a home, several connections, an end of its own.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { WorkbenchApi } from '../../src-worker/contract/api'
import type { EngineEvent, EngineTable } from '../../src-worker/contract/engine'
import { connect, type Remote } from '../../src-worker/contract/rpc'
import { serveEngine } from '../../src-worker/machines/daemon'
import { framedPort, greeted } from '../../src-worker/machines/frames'
import { connectTo, socketPath } from '../../src-worker/machines/socket'
import { temporaryFolder } from '../temporary'

const version = '1.0.0'

/** An engine that has nothing but what `busy` says of its downloads. */
function engineOf(busy: () => boolean) {
  const state = { closed: 0, emit: undefined as undefined | ((...event: EngineEvent) => void) }
  const api = {
    runs: async () => [],
    answers: async () => [],
    serving: async () => null,
    downloads: async () => (busy() ? [{ state: 'running' }] : []),
    findRun: async ({ name }: { name: string }) => ({ id: name }),
  } as unknown as WorkbenchApi
  const open = async (emit: unknown) => {
    state.emit = emit as typeof state.emit
    return { api, close: async () => void state.closed++ }
  }
  return { state, open }
}

async function joined(home: string, seen: EngineEvent[] = []): Promise<Remote<EngineTable>> {
  let socket = await connectTo(socketPath(home, version))
  while (socket === undefined) {
    await new Promise(done => setTimeout(done, 10))
    socket = await connectTo(socketPath(home, version))
  }
  expect(await greeted(socket)).toBe(version)
  const port = framedPort(socket, socket, () => undefined)
  return connect<EngineTable>(port, { events: (batch: EngineEvent[]) => void seen.push(...batch) })
}

test('two are connected at once; each is answered, both hear', async () => {
  const home = temporaryFolder()
  const ending = new AbortController()
  const { state, open } = engineOf(() => false)
  const options = { home, version, open, idleSeconds: 1000, signal: ending.signal }
  const serving = serveEngine(options)
  const seen: EngineEvent[][] = [[], []]
  const [one, two] = await Promise.all(seen.map(events => joined(home, events)))
  expect(await one?.call.call('findRun', { name: 'a' })).toEqual({ ok: true, value: { id: 'a' } })
  expect(await two?.call.call('findRun', { name: 'b' })).toEqual({ ok: true, value: { id: 'b' } })
  expect(await two?.call.call('findRun', {})).toMatchObject({ ok: false, fault: { code: 'usage' } })
  expect(await two?.call.call('nonsense', {})).toMatchObject({ ok: false })
  state.emit?.('libraryChanged', { what: 'models' })
  await expect.poll(() => seen.map(events => events.length)).toEqual([1, 1])
  // a second engine of this home leaves at once, and takes nothing from the first
  expect(await serveEngine(options)).toBe(false)
  expect(await one?.call.call('findRun', { name: 'c' })).toMatchObject({ ok: true })
  expect(statSync(socketPath(home, version)).mode & 0o777).toBe(0o600)
  ending.abort()
  expect(await serving).toBe(true)
  expect(state.closed).toBe(1)
  expect(existsSync(socketPath(home, version))).toBe(false)
})

test('it ends when nobody is connected and nothing works, and not before', async () => {
  const home = temporaryFolder()
  let looks = 0
  // at work for its first five looks
  const { state, open } = engineOf(() => ++looks <= 5)
  const signal = new AbortController().signal
  expect(await serveEngine({ home, version, open, idleSeconds: 0.1, signal })).toBe(true)
  // two quiet looks make the idle time
  expect(looks).toBe(7)
  expect(state.closed).toBe(1)
})

test.each([
  ['an ordinary file', (path: string) => writeFileSync(path, 'x')],
  ['a path too long for a socket', () => undefined],
])('a home where the socket is %s', async (what, prepare) => {
  const base = temporaryFolder()
  const home = what.startsWith('a path') ? join(base, 'x'.repeat(120)) : base
  mkdirSync(home, { recursive: true })
  prepare(socketPath(home, version))
  const ending = new AbortController()
  const { open } = engineOf(() => false)
  const serving = serveEngine({ home, version, open, idleSeconds: 1000, signal: ending.signal })
  const engine = await joined(home)
  expect(await engine.call.call('findRun', { name: 'a' })).toMatchObject({ ok: true })
  ending.abort()
  expect(await serving).toBe(true)
})
