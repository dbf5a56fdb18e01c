// Statistics against scipy, isotonic regression against its definition.
import { describe, expect, test } from 'vitest'
import { crossing, nonIncreasing } from '../../src-worker/analysis/monotone'
import {
  chiSquaredDraw,
  chiSquaredTail,
  mean,
  middle95,
  quantile,
  tQuantile,
  variance,
} from '../../src-worker/analysis/numbers'
import { rng } from '../../src-worker/stream/rng'

// scipy 1.17.1: stats.t.ppf(p, df)
test.each([
  [0.975, 1, 12.70620474],
  [0.975, 2, 4.30265273],
  [0.975, 3, 3.182446305],
  [0.975, 10, 2.228138852],
  [0.95, 5, 2.015048373],
  [0.975, 100, 1.983971519],
  [0.025, 4, -2.776445105],
  [0.9995, 7, 5.407882521],
  [0.975, 2.5, 3.574654842],
  [0.975, 511, 1.964617222],
])('t quantile %d with %d degrees is %d', (p, df, expected) => {
  expect(tQuantile(p, df) / expected).toBeCloseTo(1, 8)
})

test('t with endless degrees is normal', () => {
  expect(tQuantile(0.975, Number.POSITIVE_INFINITY)).toBeCloseTo(1.959964, 5)
})

// scipy 1.17.1: stats.chi2.sf(x, df). The tail is used at 0.001
test.each([
  [0.4549, 1, 0.500017160752],
  [3.8415, 1, 0.0499987720712],
  [10.8276, 1, 0.000999981729182],
  [13.8155, 2, 0.001000005279],
  [16.2662, 3, 0.00100001710222],
  [9.488, 4, 0.049994405578],
  [18.467, 4, 0.000999921934467],
  [23.209, 10, 0.0100008658147],
  [27.8772, 9, 0.000999986501012],
  [59.7031, 30, 0.000999990083669],
  [95.3288, 30, 1.00001126241e-8],
  [0.001, 3, 0.999991592081],
])('P(χ² > %d) with %d degrees is %d', (x, df, expected) => {
  expect(chiSquaredTail(x, df) / expected).toBeCloseTo(1, 8)
})

test.each([1, 3, 8, 40])('draws of χ² with %d degrees have its mean and variance', df => {
  const random = rng(1, `chi ${df}`)
  const draws = Array.from({ length: 20_000 }, () => chiSquaredDraw(random, df))
  // three standard errors: √(2/df/n) of the mean, √((2 + 12/df)/n) of the variance
  expect(Math.abs(mean(draws) / df - 1)).toBeLessThan(3 * Math.sqrt(2 / df / 20_000))
  const error = 3 * Math.sqrt((2 + 12 / df) / 20_000)
  expect(Math.abs(variance(draws) / (2 * df) - 1)).toBeLessThan(error)
})

test('quantiles run between order statistics and keep infinite ends', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
  expect(quantile([1, 2, Number.POSITIVE_INFINITY], 0.75)).toBe(Number.POSITIVE_INFINITY)
  const sorted = Array.from({ length: 1001 }, (_, i) => i)
  expect(middle95(sorted)).toEqual([25, 975])
})

describe('isotonic regression', () => {
  test.each([
    { values: [4, 3, 2, 1], weights: [1, 1, 1, 1], fit: [4, 3, 2, 1] },
    { values: [4, 2, 3, 1], weights: [1, 1, 1, 1], fit: [4, 2.5, 2.5, 1] },
    { values: [4, 2, 3, 1], weights: [1, 3, 1, 1], fit: [4, 2.25, 2.25, 1] },
    { values: [1, 2, 3], weights: [1, 1, 1], fit: [2, 2, 2] },
    { values: [], weights: [], fit: [] },
  ])('$values with weights $weights', ({ values, weights, fit }) => {
    expect(nonIncreasing(values, weights)).toEqual(fit)
  })

  test('no other non-increasing sequence is nearer', () => {
    const random = rng(5, 'isotonic')
    for (let k = 0; k < 50; k++) {
      const values = Array.from({ length: 6 }, () => random.normal())
      const fit = nonIncreasing(
        values,
        values.map(() => 1),
      )
      const error = (other: readonly number[]): number =>
        values.reduce((s, v, i) => s + (v - (other[i] ?? 0)) ** 2, 0)
      const other = fit.map(v => v + 0.05 * random.normal()).sort((a, b) => b - a)
      expect(error(fit)).toBeLessThanOrEqual(error(other) + 1e-12)
    }
  })
})

test.each([
  { threshold: 3, tokens: 4 },
  { threshold: 3.5, tokens: 2 },
  { threshold: 5, tokens: 1 },
  { threshold: 4, tokens: 1 },
  { threshold: 2, tokens: 16 },
  { threshold: 1.9, tokens: Number.POSITIVE_INFINITY },
])('a curve 4, 3, 2 at 1, 4, 16 tokens comes down to $threshold at $tokens', row => {
  expect(crossing([1, 4, 16], [4, 3, 2], [1, 1, 1], row.threshold)).toBeCloseTo(row.tokens, 9)
})

// by hand: 2.4 and 2.6 at 4 and 16 tokens pool to 2.5 at 8; from 3.5 at 1 half of the fall to 2.5 is 3, at √8
test('a flat piece stands at its centre on log tokens, weighted', () => {
  expect(crossing([1, 4, 16, 64], [3.5, 2.4, 2.6, 1], [1, 1, 1, 1], 3)).toBeCloseTo(8 ** 0.5, 9)
  // 3 : 1 pools to 2.45 at 4^0.75 · 16^0.25
  const centre = 4 ** 0.75 * 16 ** 0.25
  expect(crossing([1, 4, 16, 64], [3.5, 2.4, 2.6, 1], [1, 3, 1, 1], 2.45)).toBeCloseTo(centre, 9)
})
