// Work that may not live in the app's process: its own process dies alone, and the engine answers on.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sweepSpecSchema } from '../../src-worker/contract/run-spec'
import { temporaryFolder } from '../temporary'
import { resources, tinySpec, writeTexts } from '../train/runs'
import { openEngine } from './open-engine'

beforeEach(() => vi.stubEnv('SPW_IN_APP_BYTES', '1'))
afterEach(() => vi.unstubAllEnvs())

/** Processes that this one started from a file of this name. */
function children(name: string): number[] {
  const pids = readdirSync('/proc').filter(entry => /^\d+$/.test(entry))
  return pids.map(Number).filter(pid => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return (
        parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`/${name}.`)
      )
    } catch {
      return false
    }
  })
}

const model = join(resources, 'models/workbench-demo-chat')
const request = (name: string) => ({
  request: name,
  promptedModel: { model, snapshot: '', startToken: false },
  prompt: 'Once upon a time',
  sampling: { maxTokens: 4, temperature: 0 },
})

test('a run in a process of its own that is killed has failed with a fault; it goes on from its checkpoint', async () => {
  const home = temporaryFolder()
  const { call, until } = await openEngine(home, 'thread')
  const spec = tinySpec(writeTexts(home), { training: { steps: 100_000, checkpointEvery: 2 } })
  const sweep = sweepSpecSchema.parse({ base: spec })
  const { runs } = await call('startSweep', { sweep, frozen: '' })
  const id = runs[0]!
  await until(id, run => run.step >= 4)
  const [child, ...others] = children('run-thread')
  expect(others).toEqual([])
  process.kill(child!, 'SIGKILL')
  const { state } = await until(id, run => run.state.kind === 'failed')
  expect(state).toMatchObject({
    fault: {
      code: 'engine',
      message:
        'the process that trained the run ended: it was ended by SIGKILL, perhaps for want of memory',
      fix: 'Resume the run: it goes on from its last checkpoint.',
    },
  })
  // the engine is the same, and the run goes on in another process
  expect((await call('engineInfo', {})).pid).toBe(process.pid)
  await call('resumeRun', { id, steps: 0 })
  const again = await until(id, run => run.state.kind === 'training' && run.restarts.length > 0)
  expect(again.restarts[0]).toBeGreaterThanOrEqual(2)
  expect(children('run-thread')).toHaveLength(1)
  await call('stopRun', { id })
  await until(id, run => run.state.kind === 'stopped')
  await expect.poll(() => children('run-thread')).toEqual([])
})

test("a playground's model in a process of its own that is killed fails its request; the next one is answered", async () => {
  const { call, events } = await openEngine(temporaryFolder(), 'thread')
  const before = await call('sample', request('before'))
  const seen = events.filter(([name]) => name === 'sampleTokens')
  expect(seen.length).toBeGreaterThan(0)
  expect((await call('warmModels', {})).map(m => m.model)).toEqual(['workbench-demo-chat'])

  const [child] = children('model-process')
  process.kill(child!, 'SIGSTOP') // so that it dies in the middle of a request
  const waiting = call('sample', request('cut off'))
  waiting.catch(() => undefined)
  await sleep(200)
  process.kill(child!, 'SIGKILL')
  await expect(waiting).rejects.toMatchObject({
    code: 'engine',
    message:
      'the process that held the model ended: it was ended by SIGKILL, perhaps for want of memory',
  })
  expect(await call('warmModels', {})).toEqual([])
  const after = await call('sample', request('after'))
  expect(after.samples[0]?.text).toBe(before.samples[0]?.text)
  await call('unloadModels', {})
  await expect.poll(() => children('model-process')).toEqual([])
})

test('a cancel reaches a model in a process of its own: what was written so far is the answer', async () => {
  const { call, events } = await openEngine(temporaryFolder(), 'thread')
  const long = { ...request('long'), sampling: { maxTokens: 1000, temperature: 0 } }
  const waiting = call('sample', long)
  const begun = () => events.some(([name]) => name === 'sampleTokens')
  await expect.poll(begun, { interval: 1 }).toBe(true)
  await call('cancel', { request: 'long' })
  const [sample] = (await waiting).samples
  expect(sample?.stopped).toBe('cancelled')
  expect(sample?.tokens.length).toBeGreaterThan(0)
})

test('a step is measured in a process that ends with the answer', async () => {
  const home = temporaryFolder()
  const { call } = await openEngine(home, 'thread')
  const sweep = sweepSpecSchema.parse({ base: tinySpec(writeTexts(home)) })
  const planning = call('planSweep', { request: 'plan', sweep, measure: true })
  await expect.poll(() => children('model-process')).toHaveLength(1)
  const plan = await planning
  expect(plan).toMatchObject({ measured: true })
  expect(plan.secondsPerStep).toBeGreaterThan(0)
  expect(children('model-process')).toEqual([])
})

test('an engine that has a process already holds all itself', async () => {
  const { call } = await openEngine(temporaryFolder(), 'process')
  await call('sample', request('here'))
  expect(children('model-process')).toEqual([])
})
