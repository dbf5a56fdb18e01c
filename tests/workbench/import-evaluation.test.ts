// A log of Inspect as measures of a run: in its summary and detail, in the analysis with intervals over samples.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { analysisOptionsSchema } from '../../src-worker/contract/analysis'
import { runSpecSchema } from '../../src-worker/contract/run-spec'
import { createRun, emptyState, runFiles, writeState } from '../../src-worker/train/run-folder'
import { sha256OfFile } from '../../src-worker/weights/file-hash'
import { temporaryFolder } from '../temporary'
import { openEngine } from './open-engine'

const real = 'tests/dataset/fixtures/inspect/small.eval'
const tag = 'inspect/letters/s/accuracy'

/** A finished run of so many tokens. */
async function finished(home: string, tokens: number): Promise<string> {
  const spec = runSpecSchema.parse({
    ...{ experiment: { kind: 'skip-tokens', skip: 2 }, model: '/models/a', data: { path: '/b' } },
    prompt:
      tokens === 0 ? { type: 'none' } : { type: 'direct', tokens, init: { kind: 'vocabulary' } },
    training: { steps: tokens === 0 ? 0 : 3 },
  })
  const folder = await createRun(home, spec)
  await writeState(folder, { ...emptyState(), state: { kind: 'done' }, step: spec.training.steps })
  return folder
}

/** Of 40 samples this share is right. */
function logOf(home: string, right: number): string {
  const samples = Array.from({ length: 40 }, (_, id) => ({
    id,
    scores: { s: { value: id < right ? 'C' : 'I' } },
  }))
  const scores = [{ name: 's', scorer: 's', metrics: { accuracy: { value: right / 40 } } }]
  const of = { task: 'letters', created: '2026-01-01T00:00:00Z', model: 'openai-api/local/x' }
  const path = join(home, `${right}.json`)
  writeFileSync(path, JSON.stringify({ status: 'success', eval: of, results: { scores }, samples }))
  return path
}

test('measures of a log are those of the run, with where they come from', async () => {
  const home = temporaryFolder()
  const folder = await finished(home, 4)
  const { call, until } = await openEngine(home, 'thread')
  const { id } = await call('findRun', { name: folder })
  const { evaluation, replaced } = await call('importEvaluation', { id, path: real })
  expect(replaced).toBe(0)
  expect(evaluation).toMatchObject({
    ...{ file: 'small.eval', sha256: await sha256OfFile(real), step: 3 },
    ...{ samples: 3, leftOut: 1, task: 'small' },
  })
  const { summary, evaluations } = await call('run', { id })
  expect(evaluations).toEqual([evaluation])
  expect(summary.metrics['inspect/small/letters/mean']).toMatchObject({
    last: evaluation.metrics['inspect/small/letters/mean'],
    lastStep: 3,
  })
  expect(summary.updatedAt).toBe(evaluation.importedAt)
  await until(id, run => 'inspect/small/letters/mean' in run.metrics)
})

test('the same task once more takes the place of the first, and that is counted', async () => {
  const home = temporaryFolder()
  const folder = await finished(home, 4)
  const { call } = await openEngine(home, 'thread')
  const { id } = await call('findRun', { name: folder })
  await call('importEvaluation', { id, path: logOf(home, 10) })
  await call('importEvaluation', { id, path: real })
  const { replaced } = await call('importEvaluation', { id, path: logOf(home, 20) })
  expect(replaced).toBe(1)
  const { summary, evaluations } = await call('run', { id })
  expect(evaluations.map(each => each.task)).toEqual(['small', 'letters'])
  expect(summary.metrics[tag]?.last).toBe(0.5)
  expect(readdirSync(folder).filter(name => name.startsWith('.'))).toEqual([])
})

test('the analysis takes the metric, with intervals over its samples', async () => {
  const home = temporaryFolder()
  const { call } = await openEngine(home, 'thread')
  for (const [tokens, right] of [
    [0, 4],
    [1, 12],
    [4, 30],
    [16, 36],
  ] as const) {
    const folder = await finished(home, tokens)
    const { id } = await call('findRun', { name: folder })
    await call('importEvaluation', { id, path: logOf(home, right) })
  }
  const options = analysisOptionsSchema.parse({ metric: tag, includePublished: false })
  const { curves, metric } = await call('analyse', { runs: [], options, strict: false })
  expect(metric).toMatchObject({ tag, better: 'higher', unit: 'own' })
  const points = curves[0]!.points
  expect(points.map(point => point.value)).toEqual([0.3, 0.75, 0.9])
  for (const point of points) {
    expect(point.interval).toMatchObject({ unit: 'sample', units: 40, over: 'units' })
    const { low, high } = point.interval!
    expect(low).toBeLessThan(point.value)
    expect(high).toBeGreaterThan(point.value)
  }
})

test('a broken list of evaluations is named, with what to do', async () => {
  const home = temporaryFolder()
  const folder = await finished(home, 4)
  const { call } = await openEngine(home, 'thread')
  const { id } = await call('findRun', { name: folder })
  await call('importEvaluation', { id, path: real })
  const path = runFiles(folder).evaluations
  writeFileSync(path, readFileSync(path).subarray(0, 40))
  await expect(call('run', { id })).rejects.toMatchObject({
    code: 'bad-file',
    message: `${path} is no list of evaluations`,
    fix: 'Delete this file and import the logs again.',
  })
})
