// A ninth behaviour, made of one object and one row of the schema (shout.ts): everything else knows it from there.
// tests/renderer/ninth-behaviour.test.ts sees it in the form.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tags } from '../../src-worker/contract/metrics'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { commandOfRun } from '../../src-worker/spec/command-line'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { experimentFrom } from '../../src-worker/spec/short-forms'
import { createRun, readState } from '../../src-worker/train/run-folder'
import { reportFiles } from '../../src-worker/workbench/analysis-files'
import { referencePath } from '../reference-path'
import { resources, runToEnd, writeTexts } from '../train/runs'
import { openEngine } from '../workbench/open-engine'
import './shout'

const home = mkdtempSync(join(tmpdir(), 'spw-ninth-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
let folder = ''
beforeAll(async () => {
  const spec = resolveSpec({
    experiment: { kind: 'shout', volume: 7 },
    model: referencePath('models/tiny-neox'),
    data: { path: writeTexts(home), holdout: 0.2 },
    training: { steps: 6, lanes: 4, length: 24, testEvery: 0, finalTestBatches: 2 },
    results: { prompts: 1, maxTokens: 2, metricSamples: 4 },
    device: 'cpu',
  } as unknown as RunSpecInput)
  folder = await createRun(home, spec)
  const { state } = await runToEnd(folder, home)
  expect(state).toEqual({ kind: 'done' })
}, 120_000)

/** An engine, and the run in its list. */
async function listed() {
  const { call, until } = await openEngine(home)
  return { call, run: await until(basename(folder), () => true) }
}

test('it is trained, tested and measured', async () => {
  const { metrics } = await readState(folder)
  expect(metrics[tags.finalTestLoss]?.last).toBeGreaterThan(0)
  expect(metrics.Loudness?.last).toBeGreaterThanOrEqual(0)
  const measured = JSON.parse(readFileSync(join(folder, 'behaviour.json'), 'utf8'))
  expect(measured).toMatchObject({
    unit: 'document',
    shares: { Loudness: { counts: [1, 1, 1, 1] } },
  })
})

test('its own data are trained on: labels in capitals', async () => {
  const { call, run } = await listed()
  const { examples } = await call('previewExamples', { spec: run.spec as RunSpecInput, count: 1 })
  const labels = examples[0]?.chunks.filter(({ role }) => role === 'label').map(({ text }) => text)
  expect(labels?.join('')).toMatch(/^[^a-z]+$/)
})

test('it is listed and named, in folder, list and command', async () => {
  const { call, run } = await listed()
  expect(run.behaviour).toBe('shout 7')
  expect(run.name).toBe('shout 7 · tiny-neox · 2 tokens')
  expect(run.folder).toContain('-shout-7-tiny-neox-2-tokens-')
  expect(commandOfRun(run.spec as RunSpecInput)).toContain(
    `--experiment '${JSON.stringify({ kind: 'shout', volume: 7, mark: '!' })}'`,
  )
  expect(experimentFrom('shout:7')).toEqual({ kind: 'shout', volume: 7 })
  const cards = await call('behaviours', {})
  expect(cards.at(-1)).toMatchObject({ kind: 'shout', options: [{ label: 'How loud' }, {}] })
  const [snapshot] = await call('snapshots', {})
  expect(snapshot).toMatchObject({ behaviour: 'shout 7', playground: 'text' })
})

test('a wrong option is refused as every other', () => {
  const wrong = { experiment: { kind: 'shout', volum: 7 }, model: 'm' } as unknown as RunSpecInput
  expect(() => resolveSpec(wrong)).toThrow('a spec of shout has no field experiment.volum')
})

test('it is analysed and reported', async () => {
  const { call, run } = await listed()
  const options = { metric: 'Loudness', includePublished: false }
  const analysis = await call('analyse', { runs: [run.id], options } as never)
  expect(analysis.behaviours.map(({ label }) => label)).toEqual(['shout 7'])
  expect(analysis.curves[0]?.points.map(({ tokens }) => tokens)).toEqual([2])
  const out = join(home, 'report.html')
  await reportFiles({ home, resources }, [run.id], options, out)
  expect(readFileSync(out, 'utf8')).toContain('shout 7')
})
