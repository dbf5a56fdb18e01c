// What is shown with a checkpoint: never a number of another prompt, never a training loss as if it were held out.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { MetricLine } from '../../src-worker/contract/metrics'
import { checkpointEntrySchema, lossesMeaned } from '../../src-worker/contract/run'
import { runSpecSchema } from '../../src-worker/contract/run-spec'
import { ratedCheckpoints } from '../../src-worker/train/checkpoint-losses'
import { addFullTest, dropTestsAfter, fullTestsOf } from '../../src-worker/train/checkpoint-tests'
import { appendMetrics, scalar } from '../../src-worker/train/metrics-file'
import { createRun } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'

const spec = runSpecSchema.parse({
  experiment: { kind: 'autoregressive' },
  model: 'm',
  data: { path: 'demo' },
  prompt: { type: 'direct', tokens: 4, init: { kind: 'zero' } },
  training: { steps: 100 },
})
const line = (step: number, values: Record<string, number>): MetricLine => ({
  ...{ step, wall: 0, seconds: step, tokens: step },
  values: Object.fromEntries(Object.entries(values).map(([tag, x]) => [tag, scalar(x)])),
})

/** Checkpoints at these steps of a run that wrote these lines. */
async function rated(steps: readonly number[], lines: readonly MetricLine[], of = spec) {
  const folder = await createRun(temporaryFolder(), of)
  for (const step of steps)
    writeFileSync(
      join(folder, 'checkpoints', `step-${String(step).padStart(6, '0')}.safetensors`),
      'x',
    )
  await appendMetrics(folder, lines)
  const found = await ratedCheckpoints(folder, of)
  return found.map(entry => checkpointEntrySchema.parse(entry))
}

const falling = Array.from({ length: 100 }, (_, i) => line(i + 1, { Loss: 200 - (i + 1) }))

test('held-out loss of its own step only; the training loss is the mean of the steps before it', async () => {
  const tested = [line(32, { 'Test Loss': 2.5 }), line(90, { 'Test Loss': 2.2 })]
  const found = await rated([32, 64, 100], [...falling, ...tested])
  expect(found.map(c => c.quickTest)).toEqual([2.5, null, null])
  expect(found.map(c => c.fullTest)).toEqual([null, null, null])
  const middle = (lossesMeaned - 1) / 2
  expect(found.map(c => c.trainLoss)).toEqual([32, 64, 100].map(step => 200 - step + middle))
})

test('quick test and full test never stand in for each other', async () => {
  const ends = [line(100, { 'Test Loss': 2.1 }), line(100, { 'Final Test Loss Average': 2 })]
  const lines = [...falling, ...ends]
  // the final test looks at the same data: it is the full test of the last step
  expect((await rated([100], lines))[0]).toMatchObject({ quickTest: 2.1, fullTest: 2 })
  const cut = { ...spec, data: { ...spec.data, validation: true } }
  expect((await rated([100], lines, cut))[0]).toMatchObject({ quickTest: 2.1, fullTest: null })
})

test('full tests are kept by step, and dropped with the checkpoints that are written again', async () => {
  const folder = await createRun(temporaryFolder(), spec)
  for (const [step, loss] of [
    [8, 3],
    [16, 2.5],
    [8, 2.9],
  ] as const)
    await addFullTest(folder, { step, loss, batches: 4 })
  expect([...(await fullTestsOf(folder))].sort()).toEqual([
    [16, 2.5],
    [8, 2.9],
  ])
  await dropTestsAfter(folder, 8)
  expect([...(await fullTestsOf(folder))]).toEqual([[8, 2.9]])
  await dropTestsAfter(folder, 0)
  expect(await fullTestsOf(folder)).toEqual(new Map())
})

test('few steps are averaged over what there is; close checkpoints each have their own mean', async () => {
  const found = await rated([2, 3], falling)
  expect(found.map(c => c.trainLoss)).toEqual([198.5, 198])
})

test.each([
  ['no metrics', []],
  ['a loss that left the numbers', [line(9, { Loss: 3 }), line(10, { Loss: Number.NaN })]],
])('%s: no number is reported', async (_, lines) => {
  expect(await rated([10], lines)).toMatchObject([
    { quickTest: null, fullTest: null, trainLoss: null },
  ])
})
