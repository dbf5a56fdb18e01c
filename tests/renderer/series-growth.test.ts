// Live points continue a series exactly as the engine would have reported it.
import { expect, test } from 'vitest'
import { grow } from '../../src-renderer/stores/series-growth'
import type { MetricLine, Series } from '../../src-worker/contract/metrics'

const line = (step: number, loss: number | 'NaN'): MetricLine => ({
  step,
  wall: step,
  seconds: step / 2,
  tokens: step * 10,
  values: { Loss: loss },
})
const empty = (): Series => ({
  ...{ run: 'a', tag: 'Loss', x: [], y: [], smooth: [], notFinite: [], restarts: [], points: 0 },
})
const look = { x: 'step', smoothing: 0.9, points: 100 } as const

/** m ← s·m + (1−s)·y;  m / (1 − sⁿ) */
function debiased(values: readonly number[], s: number): number[] {
  let moving = 0
  return values.map((y, i) => {
    moving = s * moving + (1 - s) * y
    return moving / (1 - s ** (i + 1))
  })
}

test('the moving average goes on as if it had never been cut', () => {
  const values = Array.from({ length: 40 }, (_, i) => 3 + Math.sin(i))
  const whole = debiased(values, 0.9)
  const series = empty()
  series.x = values.slice(0, 20).map((_, i) => i + 1)
  series.y = values.slice(0, 20)
  series.smooth = whole.slice(0, 20)
  series.points = 20
  grow(
    series,
    values.slice(20).map((y, i) => line(i + 21, y)),
    look,
  )
  series.smooth.forEach((value, i) => {
    expect(value).toBeCloseTo(whole[i] ?? 0, 10)
  })
})

test('a constant passes through unchanged', () => {
  const series = empty()
  grow(series, [line(1, 2), line(2, 2), line(3, 2)], look)
  for (const value of series.smooth) expect(value).toBeCloseTo(2, 12)
})

test('lines known already are left out; lines not finite are marked once', () => {
  const series = empty()
  grow(series, [line(1, 2), line(2, 'NaN')], look)
  grow(series, [line(1, 9), line(2, 'NaN'), line(3, 4)], look)
  expect(series).toMatchObject({ x: [1, 3], y: [2, 4], notFinite: [2] })
})

test.each([
  ['step', [1, 2]],
  ['tokens', [10, 20]],
  ['time', [0.5, 1]],
] as const)('x is %s', (x, wanted) => {
  const series = empty()
  grow(series, [line(1, 2), line(2, 3)], { ...look, x })
  expect(series.x).toEqual(wanted)
})

test('too many points ask for a new, thinner series', () => {
  const series = empty()
  const lines = Array.from({ length: 201 }, (_, i) => line(i + 1, 1))
  expect(grow(series, lines.slice(0, 200), look)).toBe(true)
  expect(grow(series, lines.slice(200), look)).toBe(false)
})
