// A run with matrices in few bits says how far it lies from the full model: in its log and among its papers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRun, readProvenance, runFiles } from '../../src-worker/train/run-folder'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { temporaryFolder } from '../temporary'
import { runToEnd, tinySpec, writeTexts } from './runs'

const short = {
  training: { steps: 2, accumulation: 1, finalTestBatches: 1 },
  results: { prompts: 1 },
} as const

test.each([
  ['int8', 0.001, 0.05],
  ['int4', 0.01, 0.5],
] as const)('%s: the deviation is measured on the first batch', async (weights, least, most) => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home), { ...short, weights }))
  const { state, updates } = await runToEnd(folder, home)
  expect(state).toEqual({ kind: 'done' })
  const { weightsDeviation: found, model } = (await readProvenance(folder))!
  const { fullLoss, loss, gradient } = found!
  expect(gradient).toBeGreaterThan(least)
  expect(gradient).toBeLessThan(most)
  expect(loss).not.toBe(fullLoss)
  expect(Math.abs(loss - fullLoss)).toBeLessThan(0.1)
  // the first step's loss is that of the weights it learned from
  const [first] = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter(line => line.includes('"Loss"'))
  expect((JSON.parse(first!) as { values: { Loss: number } }).values.Loss).toBeCloseTo(loss, 5)
  const line = new RegExp(
    `^${weights} weights on the first batch: loss \\d+\\.\\d{4}, of the full model \\d+\\.\\d{4}, the gradient deviates by \\d+\\.\\d\\d %$`,
  )
  const lines = updates.flatMap(update => (update.kind === 'log' ? [update.line] : []))
  expect(lines.filter(each => line.test(each))).toHaveLength(1)
  // and the soft prompt says with which weights it is to be used
  const { metadata } = await openSnapshot(runFiles(folder).snapshot)
  expect(metadata.training.weights).toBe(weights)
  expect(Object.keys(model.files)).toEqual([
    'model.safetensors',
    expect.stringMatching(new RegExp(`^tiny-neox-${weights}-`)),
  ])
})

test('without a prompt only the loss is compared', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home), {
    ...{ ...short, weights: 'int8', prompt: { type: 'none' } },
    training: { ...short.training, steps: 0 },
  })
  const folder = await createRun(home, { ...spec, prompt: { type: 'none' } })
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  expect((await readProvenance(folder))!.weightsDeviation!.gradient).toBeNull()
})

test('a run of full weights compares nothing', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home), short))
  await runToEnd(folder, home)
  expect((await readProvenance(folder))!.weightsDeviation).toBeNull()
})
