// The noise of held-out units against scipy 1.17.1: with few units, with many, and with more than are resampled one by one.
// Draws are a bootstrap widened to Student's interval, so their deviation is sem(x)·t.ppf(.975, n − 1)/norm.ppf(.975).
import { expect, test } from 'vitest'
import { curveDraws } from '../../src-worker/analysis/draws'
import { mean, variance } from '../../src-worker/analysis/numbers'
import { sharedParts } from '../../src-worker/analysis/unit-noise'

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

test('what differs between units from seed to seed is in the noise of seeds, and counted once', () => {
  const pairs = [
    [yes(1, 1, 1, 1, 0, 0, 0, 0), yes(1, 1, 0, 1, 1, 0, 1, 0)],
    [yes(1, 0, 1, 1, 0, 0, 0, 0), yes(1, 1, 1, 1, 0, 0, 0, 1)],
  ]
  const points = pairs.map(seeds => ({ kind: 'trained' as const, seeds }))
  // two-way analysis of variance by hand: mean squares of units 39/112 and 3/7, of the rest 23/112 and 3/28; the first has
  // more of the rest than is usual (35/224), so only that much is taken out
  const [first, second] = sharedParts(points)
  expect(first).toBeCloseTo(Math.sqrt(1 - 35 / 224 / (39 / 112)), 12)
  expect(second).toBeCloseTo(Math.sqrt(1 - 3 / 28 / (3 / 7)), 12)
  // one seed, or seeds that were tested on other units: nothing is known of it
  const other = pairs[0]?.map(seed => ({ ...seed, heldOut: { ...seed.heldOut, set: '' } })) ?? []
  const alone = [
    { kind: 'trained' as const, seeds: other },
    { ...points[0], seeds: [yes(1, 0)] },
  ]
  expect(sharedParts(alone as typeof points)).toEqual([1, 1])
})

test('seeds that agree by chance bring no noise that could hold a part of it', () => {
  const [a, b] = [yes(1, 1, 0, 0, 1, 0), yes(0, 1, 1, 0, 0, 1)]
  const together = yes(...a.heldOut.sums, ...b.heldOut.sums).heldOut
  const halves = together.sums.slice(0, 6).map((x, i) => (x + (together.sums[i + 6] ?? 0)) / 2)
  const one = { value: mean(halves), heldOut: { ...a.heldOut, sums: halves } }
  expect(deviationOf(a, b) / deviationOf(one)).toBeCloseTo(1, 1)
})
