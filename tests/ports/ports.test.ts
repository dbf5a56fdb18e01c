// What holds of everything that works elsewhere, be it a thread or a process.
import { resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../src-worker/contract/fault'
import { findNode, type Started, startProcess, startThread } from '../../src-worker/ports/start'
import { sendUnhandledTo, unhandledCount, unhandledText } from '../../src-worker/ports/unhandled'
import { bundle } from '../setup/bundle.mjs'
import type { EchoTable } from './echo'

const file = await bundle(resolve(import.meta.dirname, 'echo.ts'))
const start = { thread: startThread<EchoTable>, process: startProcess<EchoTable> }

function opened(kind: 'thread' | 'process', here: object = {}): Started<EchoTable> {
  const fault = (why: string) => new Fault('engine', `the echo ended: ${why}`, 'Shout again.')
  const started = start[kind](file, { here, fault })
  onTestFinished(async () => {
    started.kill()
    await started.end()
  })
  return started
}

describe.each(['thread', 'process'] as const)('a %s', kind => {
  test('answers each call with its own value, many at a time', async () => {
    const { call } = opened(kind)
    const sums = Array.from({ length: 50 }, (_, i) => call.add(i, 1000))
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1000))
    expect(await call.nothing()).toBeUndefined()
    expect((await call.pid()) === process.pid).toBe(kind === 'thread')
  })

  test('tells what it tells before the answer that follows it', async () => {
    const heard: number[] = []
    const { call } = opened(kind, { count: (n: number) => heard.push(n) })
    expect(await call.countTo(3)).toBe(3)
    expect(heard).toEqual([1, 2, 3])
  })

  test('a fault crosses with code, words, fix and cause; any other error as a fault of the engine', async () => {
    const { call } = opened(kind)
    const refused = await call.refuse().catch(error => error)
    expect(refused).toBeInstanceOf(Fault)
    expect(refused.toData()).toEqual({
      code: 'disk',
      message: 'no space is left',
      fix: 'Free some space.',
      cause: 'the disk',
    })
    await expect(call.break()).rejects.toMatchObject({ code: 'engine', message: 'x is undefined' })
    expect(await call.add(1, 2)).toBe(3)
  })

  test('an unknown function is refused, inherited ones too', async () => {
    const { call } = opened(kind) as unknown as Started<Record<string, () => Promise<void>>>
    await expect(call.missing!()).rejects.toThrow('internal: there is no function missing')
    await expect(call.toString()).rejects.toThrow('internal: there is no function toString')
  })

  test.each([
    ['exits', (echo: Started<EchoTable>) => echo.tell.exit(7), /the echo ended: .*exit code 7/],
    ['throws', (echo: Started<EchoTable>) => echo.tell.throwLater(), /the echo ended/],
  ] as const)(
    'that %s fails what waits for it, and what is asked afterwards',
    async (_, die, words) => {
      const echo = opened(kind)
      const waiting = echo.call.never()
      die(echo)
      await expect(waiting).rejects.toThrow(words)
      await expect(echo.call.add(1, 2)).rejects.toMatchObject({
        code: 'engine',
        fix: 'Shout again.',
      })
      expect(await echo.gone).toMatch(/exit code/)
    },
  )

  test('a promise that fails unnoticed is reported to who started it, and ends nothing', async () => {
    const told: string[] = []
    sendUnhandledTo(fault => told.push(unhandledText(fault)))
    const before = unhandledCount()
    const { call } = opened(kind)
    expect(await call.failUnnoticed()).toBe('alive')
    expect(await call.add(1, 2)).toBe(3)
    expect(told).toEqual([
      'a promise failed and nobody waited for it (engine): nobody waits for this',
    ])
    expect(unhandledCount()).toBe(before + 1)
  })

  test('leaves when asked to', async () => {
    const echo = opened(kind)
    await echo.call.nothing()
    expect(await echo.end()).toMatch(/exit code 0/)
  })
})

test('buffers of a thread are handed over, not copied', async () => {
  const { call } = opened('thread')
  expect(await call.doubled(Float32Array.of(1, 2))).toEqual(Float32Array.of(2, 4))
})

test('a process that is killed says by what', async () => {
  const echo = opened('process')
  const waiting = echo.call.never()
  process.kill(await echo.call.pid(), 'SIGKILL')
  await expect(waiting).rejects.toThrow(
    'the echo ended: it was ended by SIGKILL, perhaps for want of memory',
  )
})

test.skipIf(process.platform !== 'linux')(
  'a process that takes too much memory is killed',
  async () => {
    const echo = startProcess<EchoTable>(file, { mostMemory: 400e6 })
    await expect(echo.call.hold(1e9)).rejects.toThrow('it took more than 400 MB of memory')
  },
)

test('a process that takes too long is killed', async () => {
  const echo = startProcess<EchoTable>(file, { timeout: 1000 })
  await expect(echo.call.never()).rejects.toThrow('it was ended by SIGKILL')
})

test('what a process prints to standard error can be taken, all of it', async () => {
  const log: string[] = []
  const echo = startProcess<EchoTable>(file, { onStderr: text => log.push(text) })
  echo.tell.throwLater()
  await echo.gone
  expect(log.join('')).toContain('nobody catches this')
})

test('processes run on the Node that is named, else the first that works', () => {
  expect(findNode({ SPW_NODE: process.execPath }).path).toBe(process.execPath)
  expect(findNode({ SPW_NODE: resolve('no-such-node'), PATH: '' })).toEqual({
    path: process.execPath,
    env: { ELECTRON_RUN_AS_NODE: '1' },
  })
})
