import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { type RunSpec, runSpecSchema } from '../../src-worker/contract/run-spec'
import { findRun, runIds } from '../../src-worker/train/find-run'
import { newLease } from '../../src-worker/train/lease'
import {
  checkpointsOf,
  createRun,
  emptyState,
  readSummary,
  runFiles,
  writeState,
} from '../../src-worker/train/run-folder'
import { canonicalJson, specHash } from '../../src-worker/train/spec-name'
import { temporaryFolder } from '../temporary'

const spec: RunSpec = runSpecSchema.parse({
  experiment: { kind: 'skip-tokens', skip: 2 },
  model: 'models/pythia-70m',
  data: { path: 'pile.jsonl.zst' },
  prompt: { type: 'direct', tokens: 4, init: { kind: 'zero' } },
  training: { steps: 100 },
})
const nobody: ReadonlySet<string> = new Set()

test('a new run is queued, named by what it does, with every default explicit', async () => {
  const folder = await createRun(temporaryFolder(), spec)
  const summary = await readSummary(folder, nobody)
  expect(summary.state).toEqual({ kind: 'queued' })
  expect(summary.name).toBe('skip 2 · pythia-70m · 4 tokens')
  // the day that a chat template is told is that of the run's making
  const date = expect.stringMatching(/^\d{4}-\d\d-\d\d$/)
  expect(summary.spec).toEqual({ ...spec, data: { ...spec.data, date } })
  expect(basename(folder)).toMatch(/^\d{4}-\d\d-\d\d-skip-2-pythia-70m-4-tokens-[0-9a-f]{6}$/)
})

test('an active run without a living owner is interrupted, never running', async () => {
  const folder = await createRun(temporaryFolder(), spec)
  const dead = { owner: 'gone', pid: 2 ** 22 + 1, processStart: '1', heartbeat: 0, host: '' }
  const training = { kind: 'training' as const }
  await writeState(folder, { ...emptyState(), state: training, lease: dead })
  expect((await readSummary(folder, nobody)).state.kind).toBe('interrupted')
  await writeState(folder, { ...emptyState(), state: training, lease: newLease('me') })
  expect((await readSummary(folder, new Set(['me']))).state.kind).toBe('training')
})

test('a run is found by id, by a unique beginning or end, and by path', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, spec)
  const id = basename(folder)
  for (const name of [id, id.slice(0, 20), id.slice(-6), folder])
    expect(await findRun(home, name)).toBe(folder)
  await createRun(home, spec)
  await expect(findRun(home, id.slice(0, 12))).rejects.toThrow('2 runs are called')
  await expect(findRun(home, 'nothing')).rejects.toThrow('no run is called nothing')
})

test('checkpoints are listed by step; what is being written is none', async () => {
  const folder = await createRun(temporaryFolder(), spec)
  for (const step of ['000064', '000032'])
    writeFileSync(join(folder, 'checkpoints', `step-${step}.safetensors`), 'x')
  writeFileSync(join(folder, 'checkpoints', '.step-000096.safetensors.ab.tmp'), 'x')
  const found = (await checkpointsOf(folder)).map(({ step, bytes }) => [step, bytes])
  expect(found).toEqual([
    [32, 1],
    [64, 1],
  ])
})

test('the hash of a spec ignores its name and device, and nothing else', () => {
  expect(specHash({ ...spec, name: 'other', device: 'cpu' })).toBe(specHash(spec))
  expect(specHash({ ...spec, seed: 1 })).not.toBe(specHash(spec))
})

test('canonical JSON does not depend on the order of keys', () => {
  expect(canonicalJson({ b: [1, { d: 2, c: null }], a: 'x' })).toBe(
    canonicalJson({ a: 'x', b: [1, { c: null, d: 2 }] }),
  )
})

test('a broken file is a fault that names it', async () => {
  const folder = await createRun(temporaryFolder(), spec)
  writeFileSync(runFiles(folder).spec, '{"version":1,')
  await expect(readSummary(folder, nobody)).rejects.toThrow(/spec\.json is not JSON/)
  writeFileSync(runFiles(folder).spec, '{"version":2}')
  await expect(readSummary(folder, nobody)).rejects.toThrow(/spec\.json: version/)
})

test('a folder that is still being made, and files, are no runs', async () => {
  const home = temporaryFolder()
  const runs = join(home, 'runs')
  for (const name of ['2026-b', '.2026-growing', '2026-a'])
    mkdirSync(join(runs, name), { recursive: true })
  writeFileSync(join(runs, 'notes.txt'), 'x')
  expect(await runIds(home)).toEqual(['2026-a', '2026-b'])
})
