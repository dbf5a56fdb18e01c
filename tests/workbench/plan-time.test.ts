// The time of a plan, by what it is spent on, and what the tests of a run really take.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { partsText } from '../../src-worker/contract/plan'
import { type RunSpecInput, sweepSpecSchema } from '../../src-worker/contract/run-spec'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { planSweep } from '../../src-worker/workbench/plan'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { resources, runToEnd, writeTexts } from '../train/runs'

test("a plan's time is the sum of what its cells are spent on", async () => {
  const training = {
    steps: 10,
    testEvery: 4,
    testBatches: 2,
    finalTestBatches: 6,
    length: 64,
    lanes: 8,
  }
  const home = temporaryFolder()
  const sweep = sweepSpecSchema.parse({
    base: {
      ...{ experiment: { kind: 'autoregressive' }, model: 'workbench-demo-base', seed: 1 },
      ...{
        data: { path: writeTexts(home, 1000), holdout: 0.2 },
        training,
        results: { prompts: 4, maxTokens: 16 },
      },
    },
    tokens: [4],
    seeds: [1, 2],
  })
  const places = { home, resources }
  const { parts, seconds, secondsPerStep } = await planSweep(sweep, {
    ...{ ...places, measure: async () => 0.5, runs: [] },
  })
  expect(secondsPerStep).toBeCloseTo(0.5, 9)
  // two cells of half a second a step; a forward pass is half of one
  expect(parts?.training).toBeCloseTo(10, 9)
  expect(parts?.tests).toBeCloseTo((1 + 3) * 2 * 0.5, 9)
  expect(parts?.finalTest).toBeCloseTo(3, 9)
  expect(parts?.samples).toBeCloseTo((2 * 4 * 16) / (8 * 64) / 2, 9)
  const sum = Object.values(parts ?? {}).reduce((a, b) => a + b, 0)
  expect(seconds).toBeCloseTo(sum, 9)
})

/** A plan of one run on data of so many records, and the same run. */
async function planOf(over: RunSpecInput) {
  const home = temporaryFolder()
  const spec = resolveSpec(over)
  const sweep = sweepSpecSchema.parse({ base: spec, tokens: [2], seeds: [1] })
  const options = { home, resources, measure: async () => 0.5, runs: [] }
  return { home, spec, plan: await planSweep(sweep, options) }
}

const folder = mkdtempSync(join(tmpdir(), 'spw-plan-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
function file(name: string, records: readonly unknown[]): string {
  writeFileSync(join(folder, name), records.map(record => JSON.stringify(record)).join('\n'))
  return join(folder, name)
}
const training = {
  ...{ steps: 2, testEvery: 1, testBatches: 100, finalTestBatches: 50, length: 16 },
  ...{ lanes: 8, accumulation: 2 },
}
const pairs = (name: string, count: number) =>
  file(
    name,
    Array.from({ length: count }, (_, i) => ({ prompt: `${name} ${i}:`, completion: ` ${i}` })),
  )
const texts = (name: string, count: number) =>
  file(
    name,
    Array.from({ length: count }, (_, i) => ({ text: `${name} ${i} ${'a b c '.repeat(8 * i)}` })),
  )

test.each([
  // 37 pairs are 10 micro-batches of 4, 5 steps of 8
  ['custom', pairs, 37, 10],
  ['custom', pairs, 40, 10],
  ['autoregressive', texts, 9, undefined],
] as const)('held-out data that end before the test: %s', async (kind, data, count, expected) => {
  const { home, spec, plan } = await planOf({
    ...{ experiment: { kind }, model: referencePath('models/tiny-neox'), training, seed: 1 },
    data: {
      ...{ path: data('train.jsonl', 50), testPath: data(`test ${count}.jsonl`, count) },
      validation: false,
    },
    prompt: { type: 'direct', tokens: 2 },
    results: { prompts: 90, maxTokens: 3, metricSamples: 90 },
    device: 'cpu',
  })
  const run = await createRun(home, spec)
  expect((await runToEnd(run, home)).state).toEqual({ kind: 'done' })
  const { batches } = JSON.parse(readFileSync(runFiles(run).finalTest, 'utf8'))
  expect(batches).toBe(expected ?? batches)
  expect(batches).toBeLessThan(2 * 50)
  // a micro-batch is half of a step, and a forward pass half of that; a step takes 0.5 s
  const { parts } = plan.cells[0]?.fault ? {} : plan
  expect(parts?.finalTest).toBeCloseTo((batches / 2 / 2) * 0.5, 9)
  expect(parts?.tests).toBeCloseTo(3 * (batches / 2 / 2) * 0.5, 9)
  expect(parts?.samples).toBeCloseTo(((2 * count * 3) / (8 * 16) / 2) * 0.5, 9)
  expect(parts?.measures).toBeCloseTo(kind === 'custom' ? (count / 8 / 2) * 0.5 : 0, 9)
  expect(partsText(plan, seconds => `${seconds}`)).toMatch(
    kind === 'custom'
      ? /^training 1, quick tests [\d.]+, final tests [\d.]+, measures [\d.]+, samples [\d.]+$/
      : /^training 1, quick tests [\d.]+, final tests [\d.]+, samples [\d.]+$/,
  )
})

test('a game is read several times to be measured', async () => {
  const chess = (conditioned: string) =>
    planOf({
      ...{ experiment: { kind: 'chess', conditioned }, model: 'workbench-demo-base', seed: 1 },
      ...{ data: { path: 'demo' }, training: { ...training, length: 64 }, device: 'cpu' },
      prompt: { type: 'mlp', tokens: 2 },
      results: { prompts: 0, metricSamples: 4 },
    } as RunSpecInput)
  // a decoder that counts its tokens took in 470 a game of 64 for a prompt without Elos; a step of 8 × 64 is 0.5 s
  const seconds = (tokens: number) => ((4 * tokens) / (8 * 64) / 2) * 0.5
  const { plan } = await chess('constant')
  expect((plan.parts?.measures ?? 0) / seconds(470)).toBeCloseTo(1, 1)
  // the loss with true and with shuffled Elos reads each game twice more
  const { plan: withElos } = await chess('elos')
  expect((withElos.parts?.measures ?? 0) / seconds(470 + 2 * 64)).toBeCloseTo(1, 1)
})
