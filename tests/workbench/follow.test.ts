import { expect, test } from 'vitest'
import type { MetricLine } from '../../src-worker/contract/metrics'
import { appendMetrics, cutMetrics } from '../../src-worker/train/metrics-file'
import { tailOf } from '../../src-worker/workbench/follow'
import { temporaryFolder } from '../temporary'

const line = (step: number): MetricLine => ({
  ...{ step, wall: step, seconds: step, tokens: step },
  values: { Loss: 1 / step },
})
const steps = async (tail: () => Promise<readonly MetricLine[]>) => (await tail()).map(l => l.step)

test('new lines are reported once; after a cut all that is there is sent again', async () => {
  const folder = temporaryFolder()
  const tail = tailOf(folder)
  expect(await steps(tail)).toEqual([])
  await appendMetrics(folder, [line(1), line(2)])
  expect(await steps(tail)).toEqual([1, 2])
  expect(await steps(tail)).toEqual([])
  await appendMetrics(folder, [line(3)])
  expect(await steps(tail)).toEqual([3])
  await cutMetrics(folder, 1)
  await appendMetrics(folder, [line(2)])
  expect(await steps(tail)).toEqual([1, 2])
})

test('of a long run only the end is reported at first', async () => {
  const folder = temporaryFolder()
  await appendMetrics(
    folder,
    Array.from({ length: 20_000 }, (_, i) => line(i + 1)),
  )
  const found = await steps(tailOf(folder))
  expect(found.at(-1)).toBe(20_000)
  expect(found.length).toBeGreaterThan(100)
  expect(found.length).toBeLessThan(2000)
})
