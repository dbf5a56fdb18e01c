// The little statistics, number for number as scipy and numpy give them (tests/reference/pinned/analysis.py).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { metricOf } from '../../src-worker/analysis/metric'
import { crossing, nonIncreasing } from '../../src-worker/analysis/monotone'
import {
  chiSquaredDraw,
  chiSquaredTail,
  mean,
  middle95,
  quantile,
  t975,
  tCdf,
  tQuantile,
  variance,
} from '../../src-worker/analysis/numbers'
import { rng } from '../../src-worker/stream/rng'
import { referencePath } from '../reference-path'

type Triples = readonly (readonly [number, number, number])[]
interface Pinned {
  readonly tCdf: Triples
  readonly tQuantile: Triples
  readonly chiSquaredTail: Triples
  readonly samples: readonly {
    readonly values: number[]
    readonly mean: number
    readonly variance: number
    readonly quantiles: readonly (readonly [number, number])[]
  }[]
  readonly isotonic: readonly { values: number[]; weights: number[]; fit: number[] }[]
}
const pinned: Pinned = JSON.parse(
  readFileSync(referencePath('reference/pinned/analysis.json'), 'utf8'),
)

/** Relative, so that small tails count as much as large ones. */
function near(found: number, wanted: number, tolerance: number, what: string): void {
  expect(Math.abs(found - wanted) / Math.max(Math.abs(wanted), 1e-300), what).toBeLessThan(
    tolerance,
  )
}

test.each([
  ['tCdf', tCdf, 1e-9],
  ['tQuantile', tQuantile, 1e-7],
  ['chiSquaredTail', chiSquaredTail, 1e-9],
] as const)('%s', (name, of, tolerance) => {
  for (const [x, df, wanted] of pinned[name])
    if (wanted === 0 || Math.abs(wanted) < 1e-15) expect(Math.abs(of(x, df))).toBeLessThan(1e-6)
    else near(of(x, df), wanted, tolerance, `${x} ${df}`)
})

test('the half-width of a 95 % interval in standard errors', () => {
  for (const [p, df, wanted] of pinned.tQuantile)
    if (p === 0.975) near(t975(df), wanted, 1e-7, String(df))
})

test('means, variances, quantiles', () => {
  for (const { values, quantiles, ...wanted } of pinned.samples) {
    expect(mean(values)).toBeCloseTo(wanted.mean, 12)
    expect(variance(values)).toBeCloseTo(wanted.variance, 12)
    const sorted = [...values].sort((a, b) => a - b)
    for (const [q, value] of quantiles) expect(quantile(sorted, q)).toBeCloseTo(value, 12)
  }
  expect(variance([1])).toBeNaN()
})

test('the middle 95 % are order statistics, rounded outwards', () => {
  const sorted = Array.from({ length: 1000 }, (_, i) => i)
  // 0.025·999 = 24.975, 0.975·999 = 974.025
  expect(middle95(sorted)).toEqual([24, 975])
  expect(middle95([5])).toEqual([5, 5])
})

test('isotonic regression', () => {
  for (const { values, weights, fit } of pinned.isotonic) {
    const found = nonIncreasing(values, weights)
    for (const [i, value] of fit.entries()) expect(found[i]).toBeCloseTo(value, 10)
  }
})

describe('where a curve comes down to a level', () => {
  const equal = [1, 1, 1]
  test('straight between points on log tokens', () => {
    // half way from 3 to 1 between 4 and 16 tokens: 8
    expect(crossing([1, 4, 16], [5, 3, 1], equal, 2)).toBeCloseTo(8, 10)
    // a quarter of the way from 5 to 3 between 1 and 4: 4^(1/4)
    expect(crossing([1, 4, 16], [5, 3, 1], equal, 4.5)).toBeCloseTo(Math.SQRT2, 10)
  })

  test('at its ends', () => {
    expect(crossing([2, 4, 16], [5, 3, 1], equal, 5)).toBe(2)
    expect(crossing([2, 4, 16], [5, 3, 1], equal, 1)).toBeCloseTo(16, 10)
    expect(crossing([2, 4, 16], [5, 3, 1], equal, 0.9)).toBe(Number.POSITIVE_INFINITY)
  })

  test('a rise is one flat piece at its weighted middle', () => {
    // 2 at 4 tokens (weight 1) and 3 at 16 (weight 3) are 2.75 at 4^(1/4)·16^(3/4); half way from 4 there is 3.375
    const middle = 4 ** 0.25 * 16 ** 0.75
    expect(crossing([1, 4, 16], [4, 2, 3], [1, 1, 3], 3.375)).toBeCloseTo(Math.sqrt(middle), 10)
  })
})

test.each([1, 2, 9, 60])('draws of chi-squared with %i degrees: mean df, variance 2·df', df => {
  const random = rng(5, `chi ${df}`)
  const n = 40_000
  const draws = Array.from({ length: n }, () => chiSquaredDraw(random, df))
  // five standard errors; that of the variance from the fourth moment 12·df·(df + 4)
  expect(Math.abs(mean(draws) - df)).toBeLessThan(5 * Math.sqrt((2 * df) / n))
  const error = Math.sqrt((12 * df * (df + 4) - 4 * df * df) / n)
  expect(Math.abs(variance(draws) - 2 * df)).toBeLessThan(5 * error)
})

test('units: nats, bits, perplexity', () => {
  const bits = metricOf('Final Test Loss Average', 'bits')
  expect(bits.shown(bits.cost(1))).toBeCloseTo(1 / Math.log(2), 12)
  expect(bits.bits(Math.log(8))).toBeCloseTo(3, 12)
  expect(bits.threshold({ kind: 'absolute', value: 2, unit: 'bits' })).toBeCloseTo(
    2 * Math.log(2),
    12,
  )
  const perplexity = metricOf('Final Test Loss Average', 'perplexity')
  expect(perplexity.shown(perplexity.cost(Math.log(20)))).toBeCloseTo(20, 10)
  expect(perplexity.threshold({ kind: 'absolute', value: 20, unit: 'perplexity' })).toBeCloseTo(
    Math.log(20),
    12,
  )
  // a rate is better when it is higher: its cost has the other sign
  const rate = metricOf('Exact match', 'bits')
  expect([rate.cost(0.75), rate.shown(-0.75), rate.info.better]).toEqual([-0.75, 0.75, 'higher'])
  expect(rate.bits(0.5)).toBeNull()
  expect(metricOf('Extra moves error', 'nats').info.better).toBe('lower')
})
