// One move of a distribution: what each way of choosing takes, by hand.
import { expect, test } from 'vitest'
import { chooseMove, type ScoredMove } from '../../../src-worker/behaviours/chess/moves'
import type { Rng } from '../../../src-worker/stream/rng'

const moves: ScoredMove[] = [
  ['a', 0.4],
  ['b', 0.2],
  ['c', 0.1],
  ['d', 0.05],
].map(([uci, p]) => ({
  ...{ uci: String(uci), san: String(uci) },
  ...{ probability: Number(p), logProb: Math.log(Number(p)) },
}))
const at = (u: number): Rng => ({ uniform: () => u }) as Rng
const chosen = (choice: Parameters<typeof chooseMove>[1], u: number): string =>
  chooseMove(moves, choice, at(u)).uci

test('argmax, and temperature 0', () => {
  expect(chosen({ kind: 'argmax' }, 0.99)).toBe('a')
  expect(chosen({ kind: 'temperature', temperature: 0 }, 0.99)).toBe('a')
})

// among the four alone: 8/15, 4/15, 2/15, 1/15
test.each([
  [0, 'a'],
  [0.533, 'a'],
  [0.534, 'b'],
  [0.799, 'b'],
  [0.801, 'c'],
  [0.934, 'd'],
])('temperature 1 at %f: %s', (u, uci) => {
  expect(chosen({ kind: 'temperature', temperature: 1 }, u)).toBe(uci)
})

// temperature 1/2 squares: 64, 16, 4, 1 of 85; temperature 2 takes roots: 0.632, 0.447, 0.316, 0.224 of 1.619
test.each([
  [0.5, 0.75, 'a'],
  [0.5, 0.76, 'b'],
  [2, 0.39, 'a'],
  [2, 0.4, 'b'],
  [2, 0.87, 'd'],
])('temperature %f at %f: %s', (temperature, u, uci) => {
  expect(chosen({ kind: 'temperature', temperature }, u)).toBe(uci)
})

// the two first have 12/15: 0.5 is reached by the first, 0.75 by the second, the crossing one included
test.each([
  [0.5, 0.999, 'a'],
  [0.75, 0.999, 'b'],
  [0.75, 0.66, 'a'],
  [0.81, 0.999, 'c'],
  [1, 0.999, 'd'],
])('top-p %f at %f: %s', (topP, u, uci) => {
  expect(chosen({ kind: 'top-p', topP, temperature: 1 }, u)).toBe(uci)
})
