// The queue fills every device that there is, one run at a time on each; processes for runs that need one.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RunState } from '../../src-worker/contract/run'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { newLease, newOwner } from '../../src-worker/train/lease'
import { createRun, readState, writeState } from '../../src-worker/train/run-folder'
import { openContext } from '../../src-worker/workbench/context'
import { openQueue, type QueueOptions } from '../../src-worker/workbench/queue'
import { openRunIndex } from '../../src-worker/workbench/run-index'
import type { RunPlace } from '../../src-worker/workbench/run-place'
import { openRunner, type Runner } from '../../src-worker/workbench/runner'
import { temporaryFolder } from '../temporary'
import { resources, tinySpec, writeTexts } from '../train/runs'

interface Started {
  readonly device: string
  readonly place: RunPlace
  /** ends the run */
  readonly end: () => void
}

/** A queue whose devices and runners are made up; each run goes on until it is asked to end. */
function fakeQueue(home: string, options: Partial<QueueOptions> = {}) {
  const started: Started[] = []
  const runner = (place: RunPlace): Runner => ({
    run: (folder, host) =>
      new Promise(done => {
        const enter = async (state: RunState) =>
          writeState(folder, { ...(await readState(folder)), state })
        const entered = enter({ kind: 'training' })
        const end = (): void => void entered.then(() => enter({ kind: 'done' })).then(done)
        started.push({ device: host.device ?? '', place, end })
      }),
    close: async () => undefined,
  })
  const context = openContext({ home, resources }, newOwner(), () => undefined)
  const index = openRunIndex(context, new Set([context.owner]))
  const queue = openQueue(context, index, {
    apart: async () => false,
    devices: async () => ['cpu', 'cuda:0', 'cuda:1'],
    runner,
    ...options,
  })
  const places = (): string[] => started.map(s => s.device)
  return { queue, index, started, places }
}

async function addRuns(home: string, changes: readonly RunSpecInput[]): Promise<void> {
  const data = writeTexts(home)
  for (const [i, change] of changes.entries()) {
    await createRun(home, tinySpec(data, { ...change, seed: i }))
    await sleep(5) // queued in this order
  }
}

test('two GPUs are filled, and whichever is free takes the next run', async () => {
  const home = temporaryFolder()
  await addRuns(home, Array(4).fill({ device: 'auto' }))
  const { queue, index, started, places } = fakeQueue(home)
  queue.kick()
  await expect.poll(places).toEqual(['cuda:0', 'cuda:1'])
  expect([...queue.running().keys()]).toEqual(['cuda:0', 'cuda:1'])
  started[1]!.end()
  await expect.poll(places).toEqual(['cuda:0', 'cuda:1', 'cuda:1'])
  started[0]!.end()
  await expect.poll(places).toEqual(['cuda:0', 'cuda:1', 'cuda:1', 'cuda:0'])
  for (const { end } of started.slice(2)) end()
  await expect.poll(() => queue.running().size).toBe(0)
  index.close()
})

test('a run whose last state cannot be written ends all the same, and can be taken up again', async () => {
  const home = temporaryFolder()
  await addRuns(home, [{ device: 'cpu' }])
  const fault = { code: 'disk', message: 'no space is left', fix: 'Free some space.' } as const
  let runs = 0
  const runner = (): Runner => ({
    run: async (folder, host, onUpdate) => {
      runs++
      // as a full disk leaves it: the folder says that it trains, its owner lives
      const lease = newLease(host.owner)
      await writeState(folder, { ...(await readState(folder)), state: { kind: 'training' }, lease })
      onUpdate({ kind: 'state', state: { kind: 'failed', fault } })
    },
    close: async () => undefined,
  })
  const { queue, index } = fakeQueue(home, { runner })
  queue.kick()
  const stateNow = async () => (await index.known())[0]?.state
  await expect.poll(stateNow).toEqual({ kind: 'failed', fault })
  await queue.add((await index.known())[0]!.id)
  await expect.poll(() => runs).toBe(2)
  await expect.poll(stateNow).toEqual({ kind: 'failed', fault })
  index.close()
})

test('a run waits for its own device, and those behind it go on', async () => {
  const home = temporaryFolder()
  const devices = ['cuda:1', 'cuda:1', 'cpu', 'auto', 'cuda']
  await addRuns(
    home,
    devices.map(device => ({ device })),
  )
  const { queue, index, started, places } = fakeQueue(home)
  queue.kick()
  await expect.poll(places).toEqual(['cuda:1', 'cpu', 'cuda:0'])
  started[2]!.end()
  await expect.poll(places).toEqual(['cuda:1', 'cpu', 'cuda:0', 'cuda:0'])
  started[0]!.end()
  await expect.poll(places).toEqual(['cuda:1', 'cpu', 'cuda:0', 'cuda:0', 'cuda:1'])
  for (const { end } of started) end()
  await expect.poll(() => queue.running().size).toBe(0)
  index.close()
})

test('runs of different precision on one engine: TF32 has a process of its own', async () => {
  const home = temporaryFolder()
  await addRuns(home, [
    { device: 'cuda:0', precision: 'float32' },
    { device: 'cuda:1', precision: 'tf32' },
  ])
  const { queue, index, started } = fakeQueue(home)
  queue.kick()
  const seen = (): string[] => started.map(({ device, place }) => `${device} ${place}`)
  await expect.poll(seen).toEqual(['cuda:0 thread', 'cuda:1 tf32 process'])
  for (const { end } of started) end()
  await expect.poll(() => queue.running().size).toBe(0)
  index.close()
})

test('a run that may not live in this process gets one of its own, on the CPU', async () => {
  const home = temporaryFolder()
  await addRuns(home, [{ device: 'cuda:0' }, { device: 'cpu' }])
  const { queue, index, started } = fakeQueue(home, { apart: async () => true })
  queue.kick()
  const seen = (): string[] => started.map(({ device, place }) => `${device} ${place}`)
  await expect.poll(seen).toEqual(['cuda:0 thread', 'cpu process'])
  for (const { end } of started) end()
  await expect.poll(() => queue.running().size).toBe(0)
  index.close()
})

test('a run in a process of its own: it is carried out there, and the process ends with it', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home), { training: { steps: 4 } }))
  const runner = openRunner('tf32 process')
  const pids = new Set<number | undefined>()
  const host = { home, resources, owner: newOwner(), threads: 1, device: 'cpu' }
  const kinds: string[] = []
  await runner.run(folder, host, update => {
    kinds.push(update.kind === 'state' ? update.state.kind : update.kind)
    const { lease } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))
    pids.add(lease?.pid)
  })
  expect(kinds.at(-1)).toBe('done')
  pids.delete(undefined)
  expect(pids.size).toBe(1)
  expect(pids.has(process.pid)).toBe(false)
  expect(existsSync(`/proc/${[...pids][0]}`)).toBe(false)
})

test('a command starts its own runs and no others; the app leaves those of a living command alone', async () => {
  const home = temporaryFolder()
  await addRuns(home, [{ device: 'cpu' }])
  const [command, app] = [fakeQueue(home, { ownOnly: true }), fakeQueue(home)]
  const spec = tinySpec(writeTexts(home), { device: 'cpu', seed: 7 })
  const [first, second] = [await command.queue.create(spec), await command.queue.create(spec)]
  await command.index.list()
  command.queue.kick()
  await expect.poll(command.places).toEqual(['cpu'])
  expect([...command.queue.running().values()]).toEqual([first])
  app.queue.kick()
  await expect.poll(app.places).toEqual(['cpu'])
  expect([...app.queue.running().values()]).not.toContain(second)
  await app.queue.stop(second)
  const { state, lease } = await readState(join(home, 'runs', second))
  expect([state, lease]).toEqual([{ kind: 'stopped' }, null])
  for (const { end } of [...command.started, ...app.started]) end()
  await expect.poll(() => command.queue.running().size + app.queue.running().size).toBe(0)
  expect(command.places()).toEqual(['cpu'])
  for (const { index } of [command, app]) index.close()
})

test('what a command that was killed left waiting is interrupted: no app starts it by itself', async () => {
  const home = temporaryFolder()
  const dead = { ...newLease('killed'), pid: 2 ** 22 - 1, processStart: 'long ago' }
  const folder = await createRun(home, tinySpec(writeTexts(home)), {}, dead)
  const { queue, index, started } = fakeQueue(home)
  expect((await index.list()).map(run => run.state)).toEqual([{ kind: 'interrupted' }])
  queue.kick()
  await sleep(200)
  expect(started).toEqual([])
  expect((await readState(folder)).state).toEqual({ kind: 'queued' })
  index.close()
})
