// Which engine the window works on, and which machines it may reach at all.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EngineHost } from '../../src-main/engine-host'
import { createMachines } from '../../src-main/machines'
import { createAllowedPaths } from '../../src-main/paths-allowed'
import type { EngineEvent } from '../../src-worker/contract/engine'
import { temporaryFolder } from '../temporary'

function machinesIn(folder: string) {
  const log: string[] = []
  const senders = new Map<string, (events: readonly EngineEvent[]) => void>()
  const hostOf = (name: string): EngineHost => ({
    begin: () => void log.push(`begin ${name}`),
    ask: async () => ({ ok: true, value: name }),
    state: () => ({ kind: 'ready', fault: null }),
    restart: async () => undefined,
    stop: async () => {
      log.push(`stop ${name}`)
      return true
    },
  })
  const heardFrom: string[] = []
  const machines = createMachines({
    file: join(folder, 'machines.json'),
    local: hostOf('here'),
    allowed: createAllowedPaths('/home', '/resources'),
    remote: ({ host }, onEvents) => {
      senders.set(host, onEvents)
      return hostOf(host)
    },
    onEvents: (_, from) => heardFrom.push(from),
    hosts: () => ['gpu1', 'gpu2', '-oProxyCommand=id'],
  })
  return { machines, log, senders, heardFrom }
}

test('the current machine answers, and only its events reach the window; ours goes on', async () => {
  const { machines, log, senders, heardFrom } = machinesIn(temporaryFolder())
  machines.add({ host: 'gpu1', program: '' })
  machines.add({ host: 'gpu2', program: '~/spw' })
  expect(machines.list().offered).toEqual(['-oProxyCommand=id'])
  await machines.use('gpu1')
  expect(await machines.engine().ask('x', {})).toEqual({ ok: true, value: 'gpu1' })
  expect(() => machines.remove('gpu1')).toThrow(expect.objectContaining({ code: 'busy' }))
  const chosenHere = machines.allowed()
  await machines.use('gpu2')
  for (const send of senders.values()) send([])
  expect(heardFrom).toEqual(['gpu2'])
  expect(machines.allowed()).not.toBe(chosenHere)
  expect((await machines.use('')).current).toBe('')
  expect(await machines.engine().ask('x', {})).toEqual({ ok: true, value: 'here' })
  expect(log).toEqual(['begin gpu1', 'stop gpu1', 'begin gpu2', 'stop gpu2'])
})

describe('a machine', () => {
  test.each([
    ['that ssh’s configuration does not have', 'elsewhere', 'usage'],
    ['that is an option', '-oProxyCommand=id', 'usage'],
  ])('%s is never reached', async (_, host, code) => {
    const { machines, log } = machinesIn(temporaryFolder())
    await expect(
      (async () => {
        machines.add({ host, program: '' })
        await machines.use(host)
      })(),
    ).rejects.toMatchObject({ code })
    expect(log).toEqual([])
  })

  test('is there again at the next start, and gone when it was removed', () => {
    const folder = temporaryFolder()
    machinesIn(folder).machines.add({ host: 'gpu1', program: '/opt/spw' })
    const again = machinesIn(folder).machines
    expect(again.list().added).toEqual([{ host: 'gpu1', program: '/opt/spw' }])
    again.remove('gpu1')
    expect(JSON.parse(readFileSync(join(folder, 'machines.json'), 'utf8'))).toEqual([])
  })
})
