import { resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { connectEngine } from '../../src-main/engine-connection'
import { createEngineHost, type EngineHost } from '../../src-main/engine-host'
import type { EngineEvent, HostKind } from '../../src-worker/contract/engine'
import { bundle } from '../setup/bundle.mjs'

const script = await bundle(resolve(__dirname, 'echo-engine.ts'))
const hosts: EngineHost[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(host => host.stop(2000)))
})

function open(kind: HostKind | (() => HostKind), home = 'home') {
  const seen: EngineEvent[] = []
  const host = createEngineHost({
    connect: events => {
      const host = typeof kind === 'string' ? kind : kind()
      return connectEngine(script, { home, resources: 'resources', host }, events)
    },
    onEvents: events => seen.push(...events),
    backOff: failures => failures * 10,
  })
  hosts.push(host)
  host.begin()
  const kinds = () =>
    seen
      .filter(([name]) => name === 'engineState')
      .map(([, data]) => (data as { kind: string }).kind)
  const info = async () => {
    const answer = await host.ask('engineInfo', {})
    if (!answer.ok) throw new Error(answer.fault.message)
    return answer.value as { pid: number; host: string }
  }
  return { host, seen, kinds, info }
}

describe.each(['thread', 'process'] as const)('an engine in a %s', kind => {
  test('answers, and says that it is ready', async () => {
    const { info, kinds } = open(kind)
    const { pid, host: where } = await info()
    expect(where).toBe(kind)
    expect(pid === process.pid).toBe(kind === 'thread')
    expect(kinds()).toEqual(['starting', 'ready'])
  })

  test('that dies starts again, and what waited for it gets a fault', async () => {
    const { host, kinds, info } = open(kind)
    await info()
    const waiting = host.ask('runs', {})
    await host.ask('devices', {})
    const answer = await waiting
    expect(answer).toMatchObject({ ok: false, fault: { code: 'engine', fix: 'Try again.' } })
    await expect
      .poll(kinds, { timeout: 20_000 })
      .toEqual(['starting', 'ready', 'crashed', 'starting', 'ready'])
    expect((await info()).host).toBe(kind)
  })

  test('closes when the app quits, after its last word', async () => {
    const { host, seen, kinds, info } = open(kind)
    await info()
    expect(await host.stop(5000)).toBe(true)
    expect(seen).toContainEqual(['log', [{ run: '', line: 'closed' }]])
    expect(kinds().at(-1)).toBe('stopped')
  })

  test('sends at most ten batches of events a second', async () => {
    const { host, seen, info } = open(kind)
    await info()
    await host.ask('downloads', {})
    await expect
      .poll(() => seen.filter(([name]) => name === 'log').flatMap(([, data]) => data as unknown[]))
      .toHaveLength(1000)
    expect(seen.filter(([name]) => name === 'log').length).toBeLessThan(4)
  })
})

test('that does not end after its last word is reported, and a process is killed', async () => {
  const stays = { thread: open('thread', 'stay'), process: open('process', 'stay') }
  await Promise.all([stays.thread.info(), stays.process.info()])
  const gone = await Promise.all([stays.thread.host.stop(5000), stays.process.host.stop(5000)])
  expect(gone).toEqual([false, true])
}, 20_000)

test('started again it lives where the setting says by then', async () => {
  const place: { kind: HostKind } = { kind: 'thread' }
  const { host, info, kinds } = open(() => place.kind)
  expect((await info()).host).toBe('thread')
  place.kind = 'process'
  expect((await info()).host).toBe('thread')
  await host.restart()
  expect((await info()).host).toBe('process')
  expect(kinds()).not.toContain('crashed')
})

test('an engine that refuses to start is not started over and over', async () => {
  const { host, kinds } = open('thread', 'refuse')
  expect(await host.ask('runs', {})).toMatchObject({
    ok: false,
    fault: { code: 'disk', message: 'the home is read-only', fix: 'Choose another.' },
  })
  await new Promise(done => setTimeout(done, 100))
  expect(kinds()).toEqual(['starting', 'crashed'])
})

test('an unknown call is refused by the engine too', async () => {
  const { host } = open('thread')
  expect(await host.ask('toString', {})).toMatchObject({ ok: false, fault: { code: 'usage' } })
})
