// What a run promises: stopped and resumed it is the same run, bit for bit; killed it loses little.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRun, readState, readSummary, runFiles } from '../../src-worker/train/run-folder'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { temporaryFolder } from '../temporary'
import { changed } from '../weights/changed-model'
import { losses, runToEnd, tensorHash, tinySpec, writeTexts } from './runs'

const nobody: ReadonlySet<string> = new Set()

const prompts = {
  'direct prompt': {},
  'four micro-batches': { training: { accumulation: 4 } },
  'cosine, warm-up and clipping': {
    optimizer: { schedule: 'cosine', warmupSteps: 5, clipNorm: 0.05 },
  },
  'a subspace of 8 numbers': { prompt: { type: 'subspace', tokens: 3, dimensions: 8 } },
  'matrices in 4 bits': { weights: 'int4' },
} as const

test.each(Object.entries(prompts))(
  '24 steps = stop, resume, stop, resume: %s',
  async (_, changes) => {
    const home = temporaryFolder()
    const spec = tinySpec(writeTexts(home), changes)
    const whole = await createRun(home, spec)
    expect((await runToEnd(whole, home)).state).toEqual({ kind: 'done' })

    const parts = await createRun(home, spec)
    for (const stopAt of [3, 13]) {
      const { state } = await runToEnd(parts, home, update =>
        update.kind === 'metrics' && update.lines.some(l => l.step >= stopAt) ? 'stop' : 'go',
      )
      expect(state.kind).toBe('stopped')
    }
    expect((await runToEnd(parts, home)).state).toEqual({ kind: 'done' })

    const last = join('checkpoints', 'step-000024.safetensors')
    expect(tensorHash(join(parts, last))).toBe(tensorHash(join(whole, last)))
    expect(losses(parts)).toEqual(losses(whole))
    expect((await readSummary(parts, nobody)).restarts.length).toBe(2)
  },
)

test('training lowers the loss, and everything that DESIGN §4 promises lies in the folder', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home)))
  await runToEnd(folder, home)
  const { metrics } = await readSummary(folder, nobody)
  expect(metrics.Loss?.last).toBeLessThan((metrics.Loss?.max ?? 0) - 0.2)
  const names = readdirSync(folder)
  for (const name of [
    'spec.json',
    'provenance.json',
    'state.json',
    'metrics.jsonl',
    'snapshot.safetensors',
    'results.jsonl',
    'final-test.json',
  ])
    expect(names).toContain(name)
  expect(names.some(n => n.startsWith('events.out.tfevents'))).toBe(true)
  expect(readdirSync(join(folder, 'checkpoints'))).toEqual(
    [8, 16, 24].map(s => `step-0000${String(s).padStart(2, '0')}.safetensors`),
  )
  const rows = readFileSync(runFiles(folder).results, 'utf8').trim().split('\n')
  expect(rows.length).toBe(3)
  const test = JSON.parse(readFileSync(runFiles(folder).finalTest, 'utf8')) as {
    loss: number
    sums: number[]
    counts: number[]
  }
  const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0)
  expect(sum(test.sums) / sum(test.counts)).toBeCloseTo(
    metrics['Final Test Loss Average']?.last ?? 0,
    6,
  )
  const { metadata, parameters } = await openSnapshot(runFiles(folder).snapshot)
  expect(metadata.shape).toEqual({ type: 'direct', tokens: 3, width: 64 })
  expect(parameters.get('embedding')?.shape).toEqual([3, 64])
})

test('a checkpoint opens as a snapshot', async () => {
  const home = temporaryFolder()
  const folder = await createRun(
    home,
    tinySpec(writeTexts(home), { results: { prompts: 0, metricSamples: 0 } }),
  )
  await runToEnd(folder, home)
  const { metadata } = await openSnapshot(join(folder, 'checkpoints', 'step-000008.safetensors'))
  expect(metadata.step).toBe(8)
})

test('a broken newest checkpoint is passed over; with none left it says so', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home), { results: { prompts: 0, metricSamples: 0 } })
  const whole = await createRun(home, spec)
  await runToEnd(whole, home)
  const want = tensorHash(join(whole, 'checkpoints', 'step-000024.safetensors'))
  for (const name of ['step-000024.safetensors', 'step-000016.safetensors'])
    writeFileSync(join(whole, 'checkpoints', name), 'cut')
  expect((await runToEnd(whole, home)).state).toEqual({ kind: 'done' })
  expect(tensorHash(join(whole, 'checkpoints', 'step-000024.safetensors'))).toBe(want)
  for (const name of readdirSync(join(whole, 'checkpoints')))
    writeFileSync(join(whole, 'checkpoints', name), 'cut')
  const { state } = await runToEnd(whole, home)
  expect(state).toMatchObject({
    kind: 'failed',
    fault: { message: expect.stringContaining('none of the checkpoints') },
  })
})

test('a run goes on with the data and the model it was trained on, or not at all', async () => {
  const home = temporaryFolder()
  const data = writeTexts(home)
  const original = readFileSync(data)
  const model = await changed('tiny-neox', {})
  const folder = await createRun(home, tinySpec(data, { model }))
  const steps = (until: number) =>
    runToEnd(folder, home, u =>
      u.kind === 'metrics' && u.lines.some(l => l.step >= until) ? 'stop' : 'go',
    )
  expect((await steps(3)).state.kind).toBe('stopped')

  writeFileSync(data, `${original}\n{"text":"one more"}`)
  const refused = { kind: 'failed', fault: { code: 'bad-data' } }
  for (const _ of [1, 2]) expect((await steps(13)).state).toMatchObject(refused)
  // written anew, but the same
  writeFileSync(data, original)
  expect((await steps(13)).state.kind).toBe('stopped')

  const weights = join(model, 'model.safetensors')
  const bytes = readFileSync(weights)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(weights, bytes)
  expect((await steps(20)).state).toMatchObject({
    kind: 'failed',
    fault: {
      code: 'bad-weights',
      message: `${model}: model.safetensors is not the file that this run was trained on`,
    },
  })
})

test('what is carried out twice is reported once: a baseline, and the end of a run', async () => {
  const home = temporaryFolder()
  const data = writeTexts(home)
  for (const changes of [{ prompt: { type: 'none' }, training: { steps: 0 } }, {}] as const) {
    const folder = await createRun(home, tinySpec(data, changes))
    await runToEnd(folder, home)
    const once = losses(folder)
    await runToEnd(folder, home)
    expect(losses(folder)).toEqual(once)
  }
})

test('data in which nothing is a label fail the run instead of reporting a loss of nothing', async () => {
  const home = temporaryFolder()
  const skip = { experiment: { kind: 'skip-tokens', skip: 64 } } as const
  const folder = await createRun(home, tinySpec(writeTexts(home), skip))
  const { state } = await runToEnd(folder, home)
  expect(state).toMatchObject({ kind: 'failed', fault: { code: 'bad-data' } })
  expect(state).toMatchObject({ fault: { message: expect.stringContaining('have no label in') } })
})

test.each([
  ['an unknown model', { model: '/no/such/model' }, 'not-found', /no model \/no\/such\/model/],
  ['missing data', { data: { path: '/no/such/file.jsonl' } }, 'not-found', /no\/such\/file/],
  ['a generator without conditions', { prompt: { type: 'mlp', tokens: 3 } }, 'usage', /gives none/],
] as const)('%s: the run fails with a fault that names it', async (_, changes, code, words) => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home), changes))
  const { state } = await runToEnd(folder, home)
  expect(state).toMatchObject({
    kind: 'failed',
    fault: { code, message: expect.stringMatching(words) },
  })
})

test('kill -9: no more is lost than the steps since the last checkpoint, and the run is interrupted', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home), {
    training: { steps: 100_000, checkpointEvery: 4, testEvery: 0 },
  })
  const folder = await createRun(home, spec)
  const runner = resolve(import.meta.dirname, '../setup/run.mjs')
  const cli = resolve(import.meta.dirname, '../../src-worker/cli.ts')
  const child = spawn(process.execPath, [runner, cli, 'resume', folder], {
    env: { ...process.env, SPW_HOME: home },
    stdio: 'ignore',
  })
  const summary = () => readSummary(folder, nobody)
  for (let i = 0; i < 400 && (await summary()).step < 12; i++) await sleep(100)
  expect((await summary()).state.kind).toBe('training')
  // the process that holds the lease: the runner starts it as its own child
  const { lease } = await readState(folder)
  process.kill(lease?.pid ?? 0, 'SIGKILL')
  await new Promise(done => child.once('exit', done))
  const killed = await summary()
  expect(killed.state).toEqual({ kind: 'interrupted' })
  const names = readdirSync(join(folder, 'checkpoints')).filter(n => !n.startsWith('.'))
  const last = Math.max(...names.map(n => Number(n.slice(5, 11))))
  expect(last).toBeGreaterThanOrEqual(8)
  const { state } = await runToEnd(folder, home, u => (u.kind === 'metrics' ? 'stop' : 'go'))
  expect(state.kind).toBe('stopped')
  expect((await summary()).restarts).toEqual([last])
  rmSync(folder, { recursive: true })
})
