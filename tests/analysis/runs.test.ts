// Run folders as the analysis takes them: made by the trainer's own functions, read back.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { analysedRun } from '../../src-worker/analysis/runs'
import { tensorboardRun } from '../../src-worker/analysis/tensorboard-runs'
import { analysedRunSchema } from '../../src-worker/contract/analysed-run'
import { tags } from '../../src-worker/contract/metrics'
import { runSpecSchema } from '../../src-worker/contract/run-spec'
import { appendMetrics } from '../../src-worker/train/metrics-file'
import {
  createRun,
  emptyState,
  readState,
  runFiles,
  writeState,
} from '../../src-worker/train/run-folder'
import { writeSnapshot } from '../../src-worker/weights/snapshot-file'

const home = mkdtempSync(join(tmpdir(), 'spw-runs-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const counts = [10, 20, 30, 15, 25, 40]

/** A finished run of `tokens` tokens whose documents have these losses. */
async function finished(tokens: number, seed: number, losses: readonly number[]): Promise<string> {
  const prompt =
    tokens === 0 ? { type: 'none' } : { type: 'direct', tokens, init: { kind: 'vocabulary' } }
  const spec = runSpecSchema.parse({
    experiment: { kind: 'skip-tokens', skip: 2 },
    model: '/models/EleutherAI/pythia-70m-deduped',
    data: { path: '/data/RedPajama_head.jsonl.zst' },
    prompt,
    training: { steps: tokens === 0 ? 0 : 3 },
    seed,
  })
  const folder = await createRun(home, spec)
  const sums = losses.map((loss, i) => loss * (counts[i] ?? 0))
  const loss = sums.reduce((a, b) => a + b, 0) / counts.reduce((a, b) => a + b, 0)
  const summary = { last: loss, min: loss, max: loss, lastStep: 3 }
  const metrics = { [tags.finalTestLoss]: summary, [tags.loss]: summary }
  await writeState(folder, { ...emptyState(), state: { kind: 'done' }, step: 3, metrics })
  const test = { loss, unit: 'document', sums, counts, batches: 2, wholeSet: true }
  writeFileSync(runFiles(folder).finalTest, JSON.stringify(test))
  const line = (step: number, value: number | 'NaN') => ({
    step,
    wall: step,
    seconds: step,
    tokens: step,
    values: { [tags.loss]: value },
  })
  await appendMetrics(folder, [line(1, 5), line(2, 'NaN'), line(3, 4)])
  return folder
}

/** A soft prompt of 4 × 512 numbers, of which a subspace trains fewer. */
const prompt = {
  metadata: { source: 'workbench' as const, model: 'm', conditionNames: [], training: {} },
  rows: { shape: [4, 512], data: new Float32Array(2048) },
}
const direct = {
  metadata: { ...prompt.metadata, shape: { type: 'direct' as const, tokens: 4, width: 512 } },
  parameters: new Map([['embedding', prompt.rows]]),
}
const sizes = { type: 'subspace' as const, tokens: 4, width: 512, dimensions: 8, seed: 1 }
const subspace = {
  metadata: { ...prompt.metadata, shape: sizes },
  parameters: new Map([
    ['z', { shape: [8], data: new Float32Array(8) }],
    ['start', prompt.rows],
  ]),
}

test('start rows are no trained numbers', async () => {
  const folder = await finished(4, 9, [5, 4, 3, 4, 5, 4])
  await writeSnapshot(runFiles(folder).snapshot, subspace)
  expect((await analysedRun(folder)).parameters).toBe(8)
})

test('a run folder', async () => {
  const folder = await finished(4, 7, [5, 4, 3, 4, 5, 4])
  await writeSnapshot(runFiles(folder).snapshot, direct)
  const run = await analysedRun(folder)
  expect(analysedRunSchema.parse(run)).toEqual(run)
  expect(run).toMatchObject({
    source: 'workbench',
    experiment: 'skip-tokens',
    behaviour: 'skip 2',
    dataset: 'RedPajama_head',
    tokens: 4,
    seed: 7,
    steps: 3,
    state: 'done',
    parameters: 2048,
    trainLoss: { steps: [1, 2, 3], values: [5, null, 4] },
  })
  expect(Object.keys(run.metrics)).toEqual([tags.finalTestLoss])
  expect(run.heldOut[tags.finalTestLoss]?.counts).toEqual(counts)
})

test('a run carried past its end has a final test again when it ends again', async () => {
  const folder = await finished(4, 8, [5, 4, 3, 4, 5, 4])
  const file = await readState(folder)
  const carried = { ...file, state: { kind: 'stopped' } as const, step: 9 }
  await writeState(folder, carried)
  const { steps, metrics } = await analysedRun(folder)
  expect([steps, metrics]).toEqual([9, {}])
})

test('documents tested in both runs are paired: their common luck cancels in the gain', async () => {
  const folders = [
    await finished(0, 0, [9, 5, 7, 3, 6, 8]),
    await finished(1, 0, [8.01, 4, 5.99, 2, 5.01, 7]),
    await finished(4, 0, [7, 3.01, 5, 0.99, 4, 6]),
  ]
  const runs = await Promise.all(folders.map(folder => analysedRun(folder)))
  expect(new Set(runs.map(r => r.heldOut[tags.finalTestLoss]?.set)).size).toBe(1)
  const point = analyse(runs).curves[0]?.points[0]
  expect(point?.interval).toMatchObject({ over: 'units', units: 6, unit: 'document' })
  const wide = (point?.interval?.high ?? 0) - (point?.interval?.low ?? 0)
  const gain = point?.gain?.interval
  expect(wide).toBeGreaterThan(1)
  expect((gain?.high ?? 9) - (gain?.low ?? 0)).toBeLessThan(0.05)
})

test('what the model did is resampled by game, paired over runs that were measured on the same games', async () => {
  const tag = 'Legal move rate'
  const played = async (tokens: number, legal: readonly number[]) => {
    const folder = await finished(tokens, 0, [5, 4, 3, 4, 5, 4])
    const share = { sums: legal, counts: legal.map(() => 4) }
    const rate = legal.reduce((a, b) => a + b, 0) / (4 * legal.length)
    const summary = { last: rate, min: rate, max: rate, lastStep: 3 }
    await writeState(folder, {
      ...{ ...emptyState(), state: { kind: 'done' }, step: 3 },
      metrics: { [tag]: summary, 'Wall hits asked': summary, 'Elo sensitivity/low': summary },
    })
    const reported = { unit: 'game', set: 'these games', shares: { [tag]: share }, details: {} }
    writeFileSync(runFiles(folder).behaviour, JSON.stringify(reported))
    return analysedRun(folder)
  }
  const none = await played(0, [0, 0, 0, 0, 0, 0])
  const one = await played(1, [0, 1, 2, 1, 0, 3])
  const four = await played(4, [1, 2, 3, 2, 1, 4])
  expect(Object.keys(one.metrics)).toEqual([tag])
  const curve = analyse([none, one, four], { metric: tag }).curves[0]
  const [first, second] = curve?.points ?? []
  expect(second?.interval).toMatchObject({ over: 'units', units: 6, unit: 'game', seeds: 1 })
  expect(second?.interval?.low).toBeLessThan(13 / 24)
  expect(second?.interval?.high).toBeGreaterThan(13 / 24)
  // one move more in every game: sure, however wide the bands are
  expect(curve?.saturation).toMatchObject({ kind: 'still-improving', tokens: 4 })
  expect(first?.value).toBeCloseTo(7 / 24, 10)
  // no game differs from another: a bootstrap would call that certainty. None of six games: Clopper and Pearson's end
  // with 5 % above it is 1 − 0.05^(1/6) = 0.393, the exact form of the rule of three; drawn 2,000 times
  const never = curve?.baselines[0]?.point.interval
  expect(never).toMatchObject({ low: 0, over: 'units', units: 6, unit: 'game', seeds: 1 })
  expect(Math.abs((never?.high ?? 0) - 0.393)).toBeLessThan(0.03)
})

describe('imported TensorBoard runs', () => {
  const log = (name: string) => ({
    name,
    files: [],
    problems: [],
    scalars: new Map([
      ['Loss', { steps: [0, 1], values: [3, 2], wall: [1000, 2000] }],
      ['Final Test Loss', { steps: [0, 1], values: [1.9, 2.1], wall: [3000, 3000] }],
      ['Final Test Loss Average', { steps: [0], values: [2], wall: [3000] }],
    ]),
  })

  test("names of the original's kind give everything", () => {
    const name =
      'runs/skip 4 tokens language EleutherAI_pythia-70m-deduped, 16, RedPajamaV2, 2024-01-30 03-40-25'
    const run = tensorboardRun(log(name))
    expect(analysedRunSchema.parse(run)).toEqual(run)
    expect(run).toMatchObject({
      source: 'tensorboard',
      experiment: 'skip-tokens',
      behaviour: 'skip 4',
      model: 'EleutherAI/pythia-70m-deduped',
      dataset: 'RedPajamaV2',
      tokens: 16,
      steps: 2,
      metrics: { Loss: 2, 'Final Test Loss Average': 2 },
      startedAt: '1970-01-01T00:00:01.000Z',
    })
    expect(run.heldOut['Final Test Loss Average']).toMatchObject({
      unit: 'test batch',
      counts: [1, 1],
    })
  })

  test('other names still are runs', () => {
    expect(tensorboardRun(log('my experiment, 8'))).toMatchObject({
      experiment: 'my experiment',
      model: '',
      tokens: 8,
    })
    expect(tensorboardRun(log('.'))).toMatchObject({ tokens: 0, baseline: 'none' })
  })
})

test('documents that share a prompt are one held-out unit', async () => {
  const folder = await finished(3, 1, [1, 2, 3, 4, 5, 6])
  const path = runFiles(folder).finalTest
  const written = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...written, units: [0, 1, 0, 3, 1, 0] }))
  const run = await analysedRun(folder)
  const { sums, counts: labels } = run.heldOut[tags.finalTestLoss]!
  expect(sums).toEqual([10 + 90 + 240, 40 + 125, 60])
  expect(labels).toEqual([80, 45, 15])
})
