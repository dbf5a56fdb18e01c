// The noise of held-out units against scipy 1.17.1: with few units, with many, and with more than are resampled one by one.
// Draws are a bootstrap widened to Student's interval, so their deviation is sem(x)·t.ppf(.975, n − 1)/norm.ppf(.975).
import { expect, test } from 'vitest'
import { curveDraws } from '../../src-worker/analysis/draws'
import { mean, variance } from '../../src-worker/analysis/numbers'

const wave = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.sin(1.7 * i) + (i % 7) / 10)

// sem = scipy.stats.sem(x), for 512 units of their 256 neighbours' means; for 300 of the linearised ratio of 256 blocks
test.each([
  ['5', [1, 2, 4, 4, 7], 1.4584580193996954],
  ['300', wave(300), 0.04065500173777197],
  ['512', wave(512), 0.03107718953187858],
])('%s units', (_, sums, deviation) => {
  const heldOut = { unit: 'document', set: 's', sums, counts: sums.map(() => 1) } as const
  const seeds = [{ value: mean(sums), heldOut: { ...heldOut, counts: [...heldOut.counts] } }]
  const [drawn] = curveDraws([{ kind: 'trained', seeds }], 20_000, 'x')
  const values = [...(drawn?.values ?? [])]
  expect([drawn?.over, drawn?.units]).toEqual(['units', sums.length])
  expect(Math.abs(Math.sqrt(variance(values)) / deviation - 1)).toBeLessThan(0.02)
  expect(Math.abs(mean(values) - mean(sums)) / deviation).toBeLessThan(0.03)
})

const yes = (...sums: readonly number[]) => ({
  value: mean(sums),
  heldOut: { unit: 'document' as const, set: 's', sums: [...sums], counts: sums.map(() => 1) },
})
const deviationOf = (...seeds: readonly ReturnType<typeof yes>[]): number => {
  const [drawn] = curveDraws([{ kind: 'trained', seeds }], 20_000, 'x')
  return Math.sqrt(variance([...(drawn?.values ?? [])]))
}

test('a yes or no on 4 units is as open as scipy has it', () => {
  // stats.sem([0, 0, 0, 1]) · t.ppf(.975, 3) / norm.ppf(.975)
  expect(Math.abs(deviationOf(yes(0, 0, 0, 1)) / 0.4059297 - 1)).toBeLessThan(0.02)
})

test('a seed whose units are all the same takes nothing of the noise of the others', () => {
  const ones = yes(1, 1, 1, 1, 1, 1)
  const mixed = yes(1, 1, 1, 0, 1, 0)
  const both = curveDraws([{ kind: 'trained', seeds: [ones, mixed] }], 2000, 'x')[0]
  expect(both?.over).toBe('seeds and units')
  expect(deviationOf(ones)).toBeGreaterThan(0.1)
})

test('of 2 losses no interval is given: that of scipy would be ±6.4 around 3.5', () => {
  const heldOut = { unit: 'document', set: 's', sums: [3, 4], counts: [1, 1] } as const
  const own = { ...heldOut, sums: [...heldOut.sums], counts: [...heldOut.counts] }
  const seeds = [{ value: 3.5, heldOut: own }]
  expect(curveDraws([{ kind: 'trained', seeds }], 100, 'x')).toEqual([null])
})
