// Single positions → shares: every bucket has its lower end and lacks its upper one.
import { expect, test } from 'vitest'
import { chessMeasured, type PositionOutcome } from '../../../src-worker/behaviours/chess/shares'
import { intervalOf, sharesOf, unitSums } from '../../../src-worker/sample/measured'

const outcome = (over: Partial<PositionOutcome>): PositionOutcome => ({
  ...{ game: 0, ply: 5, elo: 1500, rank: 1, choices: 20, bits: 2, legalMass: 0.5, legal: true },
  ...over,
})

test.each([
  [1199, 'Elo below 1200'],
  [1200, 'Elo 1200-1599'],
  [1599, 'Elo 1200-1599'],
  [1600, 'Elo 1600-1999'],
  [2000, 'Elo 2000 and more'],
])('Elo %i is in %s', (elo, bucket) => {
  const { scalars } = chessMeasured([outcome({ elo })], 1, undefined)
  const found = Object.keys(scalars).filter(tag => tag.startsWith('Top-1 match/Elo'))
  expect(found).toEqual([`Top-1 match/${bucket}`])
})

test.each([
  [9, 'plies 0-9'],
  [10, 'plies 10-19'],
  [20, 'plies 20-39'],
  [40, 'plies 40 and more'],
])('ply %i is in %s', (ply, bucket) => {
  const { scalars } = chessMeasured([outcome({ ply })], 1, undefined)
  const found = Object.keys(scalars).filter(tag => tag.startsWith('Top-1 match/plies'))
  expect(found).toEqual([`Top-1 match/${bucket}`])
})

test('ranks 1 to 4, masses and bits', () => {
  const ranks = [1, 2, 3, 4].map(rank =>
    outcome({ rank, bits: rank * 3, legalMass: rank / 5, legal: rank === 4, game: rank % 2 }),
  )
  const { scalars, shares, details } = chessMeasured(ranks, 2, undefined)
  expect(scalars).toMatchObject({
    'Top-1 match': 0.25,
    'Top-3 match': 0.75,
    'Legal move rate': 0.25,
    'Legal move probability': 0.5,
  })
  expect(details).toMatchObject({ all: { n: 4, bits: 7.5, top1: 0.25, top3: 0.75 } })
  // game 0 has ranks 2 and 4, game 1 has 1 and 3
  expect(shares['Top-3 match']).toEqual({ sums: [1, 2], counts: [2, 2] })
})

test('from ply 10: later positions of each game alone', () => {
  const at = (game: number, ply: number, rank: number) => outcome({ game, ply, rank })
  const positions = [at(0, 9, 1), at(0, 10, 1), at(0, 11, 2), at(1, 0, 1), at(2, 30, 2)]
  const { scalars, shares } = chessMeasured(positions, 3, undefined)
  expect(scalars['Top-1 match']).toBe(3 / 5)
  expect(scalars['Top-1 match from ply 10']).toBe(1 / 3)
  expect(shares['Top-1 match from ply 10']).toEqual({ sums: [1, 0, 0], counts: [2, 0, 1] })
  // games of openings alone say nothing
  const opening = chessMeasured([at(0, 9, 1)], 1, undefined)
  expect(opening.scalars).not.toHaveProperty('Top-1 match from ply 10')
})

test('sums by unit leave out what is no number', () => {
  const of = unitSums(3, [
    [0, 2],
    [2, 4],
    [2, 6],
    [1, Number.NaN],
  ])
  expect(of).toEqual({ sums: [2, 0, 10], counts: [1, 0, 2] })
  expect(sharesOf({ a: of, none: unitSums(1, []) })).toEqual({ a: 4 })
})

test('a 95 % interval, and none of a single value', () => {
  // standard deviation of 1 2 3 4 is √(5/3); numpy: std(ddof=1) / sqrt(4) · 1.96 = 1.26517…
  const { n, mean, low, high } = intervalOf([1, 2, 3, 4])
  expect([n, mean]).toEqual([4, 2.5])
  expect(high - mean).toBeCloseTo(1.2651745597610895, 12)
  expect(mean - low).toBeCloseTo(1.2651745597610895, 12)
  expect(intervalOf([7])).toEqual({ n: 1, mean: 7, low: Number.NaN, high: Number.NaN })
})
