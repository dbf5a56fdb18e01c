// Noise along a curve: what the posterior of its trend says of spreads whose truth is known.
import { expect, test } from 'vitest'
import { seedTrend } from '../../src-worker/analysis/seed-trend'

/** The median of the slope. */
function slopeOf(variances: readonly number[], freedom: number): number {
  const last = variances.length - 1
  const spreads = variances.map((v, i) => ({
    ...{ x: (2 * i) / last - 1, freedom },
    squares: v * freedom,
  }))
  const trend = seedTrend(spreads)
  if (trend === undefined) throw new Error('no trend')
  return trend.slopes[trend.reached.findIndex(r => r >= 0.5)] ?? Number.NaN
}

test.each([
  [[1, 1, 1], 0],
  [[Math.exp(-4), 1, Math.exp(4)], 4],
  [[Math.exp(3), 1, Math.exp(-3)], -3],
  [[2, 2 * Math.exp(1), 2 * Math.exp(2), 2 * Math.exp(3)], 1.5],
])(
  'with many degrees of freedom the slope is that of the log variances: %j',
  (variances, slope) => {
    expect(slopeOf(variances, 500)).toBeCloseTo(slope, 0)
    expect(Math.abs(slopeOf(variances, 500) - slope)).toBeLessThan(0.2)
  },
)

test('few degrees of freedom are drawn towards no change', () => {
  const slope = slopeOf([Math.exp(-4), 1, Math.exp(4)], 1)
  expect(slope).toBeGreaterThan(1)
  expect(slope).toBeLessThan(4)
})

test('without two seeds anywhere, or without any spread, there is none', () => {
  expect(seedTrend([])).toBeUndefined()
  expect(seedTrend([{ x: 0, freedom: 3, squares: 0 }])).toBeUndefined()
})
