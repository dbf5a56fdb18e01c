import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type MetricLine, tags } from '../../src-worker/contract/metrics'
import {
  appendMetrics,
  cutMetrics,
  readMetrics,
  scalar,
  summarised,
} from '../../src-worker/train/metrics-file'
import { temporaryFolder } from '../temporary'

const line = (step: number, loss: number): MetricLine => ({
  step,
  wall: 1000 * step,
  seconds: step / 2,
  tokens: 10 * step,
  values: { Loss: scalar(loss) },
})

async function all(folder: string): Promise<MetricLine[]> {
  const lines: MetricLine[] = []
  for await (const one of readMetrics(folder)) lines.push(one)
  return lines
}

test('what is appended is read back, values that are not finite too', async () => {
  const folder = temporaryFolder()
  await appendMetrics(folder, [
    line(1, 2.5),
    line(2, Number.NaN),
    line(3, Number.NEGATIVE_INFINITY),
  ])
  const values = (await all(folder)).map(l => l.values.Loss)
  expect(values).toEqual([2.5, 'NaN', '-Infinity'])
})

test('a run without metrics has none', async () => {
  expect(await all(temporaryFolder())).toEqual([])
})

test('a line that a killed process left half is passed over, and cut away on resume', async () => {
  const folder = temporaryFolder()
  await appendMetrics(folder, [line(1, 3), line(2, 2), line(3, 1)])
  appendFileSync(join(folder, 'metrics.jsonl'), '{"step":4,"wall":40')
  expect((await all(folder)).map(l => l.step)).toEqual([1, 2, 3])
  await cutMetrics(folder, 2)
  await appendMetrics(folder, [line(3, 9)])
  expect((await all(folder)).map(l => l.values.Loss)).toEqual([3, 2, 9])
})

test('resumed at its last step, a run writes its ending again, and only that', async () => {
  const folder = temporaryFolder()
  const ending = { ...line(3, 0), values: { [tags.finalTestLoss]: 1 } }
  const tested = { ...line(3, 0), values: { [tags.testLoss]: 2 } }
  await appendMetrics(folder, [line(2, 2), tested, line(3, 1), ending])
  await cutMetrics(folder, 3, 4)
  expect(await all(folder)).toHaveLength(4)
  await cutMetrics(folder, 3, 3)
  expect(await all(folder)).toEqual([line(2, 2), tested, line(3, 1)])
})

test('cutting a run that has no metrics yet makes an empty file', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'checkpoints'))
  await cutMetrics(folder, 0)
  expect(await all(folder)).toEqual([])
})

test('summaries keep last, least and largest of the finite values', () => {
  const summary = [line(1, 3), line(2, 1), line(3, Number.NaN), line(4, 2)].reduce(summarised, {})
  expect(summary).toEqual({ Loss: { last: 2, min: 1, max: 3, lastStep: 4 } })
})

test('numbers as JSON has them; what it has not is written as a word', () => {
  expect([-1.5, 0, 2].map(scalar)).toEqual([-1.5, 0, 2])
  expect([Number.NaN, Infinity, -Infinity].map(scalar)).toEqual(['NaN', 'Infinity', '-Infinity'])
})
