import { describe, expect, test } from 'vitest'
import type { MetricLine } from '../../src-worker/contract/metrics'
import { rng } from '../../src-worker/stream/rng'
import { appendMetrics, scalar } from '../../src-worker/train/metrics-file'
import { openSeriesReader } from '../../src-worker/workbench/series'
import { smoothed as smoothedArray, thinned } from '../../src-worker/workbench/thinning'
import { temporaryFolder } from '../temporary'

const smoothed = (y: readonly number[], weight: number) => [...smoothedArray(y, weight)]

describe('smoothing', () => {
  test('lets constants through, from the first value on', () => {
    expect(smoothed([3, 3, 3, 3], 0.99)).toEqual([3, 3, 3, 3].map(x => expect.closeTo(x, 12)))
  })
  test('with weight 0 changes nothing', () => {
    expect(smoothed([1, 5, 2], 0)).toEqual([1, 5, 2])
  })
  test('is the debiased average: after two values (w·a + b) / (w + 1)', () => {
    expect(smoothed([1, 2], 0.5)[1]).toBeCloseTo((0.5 * 1 + 2) / 1.5, 12)
  })
  test('passes over what is not finite', () => {
    expect(smoothed([1, Number.NaN, 1], 0.9)).toEqual([1, 1, 1].map(x => expect.closeTo(x, 12)))
  })
})

describe('thinning', () => {
  const random = rng(1, 'thinning')
  const y = Array.from({ length: 10_000 }, () => random.normal())
  y[4321] = 99
  y[8765] = -99
  const kept = thinned(y, 1000)
  test('keeps no more than asked, in order, both ends included', () => {
    expect(kept.length).toBeLessThanOrEqual(1000)
    expect(kept[0]).toBe(0)
    expect(kept[kept.length - 1]).toBe(9999)
    expect([...kept].sort((a, b) => a - b)).toEqual(kept)
  })
  test('loses no peak', () => {
    expect(kept).toContain(4321)
    expect(kept).toContain(8765)
  })
  test('keeps everything when there is little', () => {
    expect(thinned([1, 2, 3], 10)).toEqual([0, 1, 2])
  })
})

const line = (step: number, loss: number): MetricLine => ({
  step,
  wall: 0,
  seconds: step * 2,
  tokens: step * 100,
  values: { Loss: scalar(loss) },
})

test('a series of a run: any x axis, a range, marks for what is not finite and for restarts', async () => {
  const folder = temporaryFolder()
  await appendMetrics(folder, [line(1, 4), line(2, 3), line(3, Number.NaN), line(4, 2)])
  const options = { x: 'tokens' as const, points: 100, smoothing: 0, from: 150, to: null }
  const [series] = await openSeriesReader().read(folder, 'r', ['Loss'], {
    ...options,
    restarts: [2],
  })
  expect(series).toEqual({
    run: 'r',
    tag: 'Loss',
    x: [200, 400],
    y: [3, 2],
    smooth: [3, 2],
    notFinite: [300],
    restarts: [300],
    points: 3,
  })
})

test('a run that goes on is read again', async () => {
  const folder = temporaryFolder()
  const reader = openSeriesReader()
  const options = {
    x: 'step' as const,
    points: 100,
    smoothing: 0,
    from: null,
    to: null,
    restarts: [],
  }
  expect((await reader.read(folder, 'r', ['Loss'], options))[0]?.points).toBe(0)
  await appendMetrics(folder, [line(1, 4)])
  await appendMetrics(folder, [line(2, 3)])
  expect((await reader.read(folder, 'r', ['Loss'], options))[0]?.y).toEqual([4, 3])
})
