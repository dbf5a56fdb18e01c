// What a chess prompt is made from, by what it depends on: as many numbers as names.
import { expect, test } from 'vitest'
import { chessConditionNames, chessConditions } from '../../../src-worker/behaviours/chess/elo'

test.each([
  ['none', [], []],
  ['constant', [1], ['constant']],
  ['elos', [0.5, 0], ['white Elo', 'black Elo']],
  ['elos-constant', [0.5, 0, 1], ['white Elo', 'black Elo', 'constant']],
] as const)('%s', (conditioned, values, names) => {
  expect(chessConditions(conditioned, 2000, 1000)).toEqual(values)
  expect(chessConditionNames(conditioned)).toEqual(names)
})
