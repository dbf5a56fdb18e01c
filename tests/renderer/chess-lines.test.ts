// Variations: a move from an earlier position keeps the line that was there; PGN holds them all.
import { Chess } from 'chess.js'
import { describe, expect, test } from 'vitest'
import { type Game, newGame, play, uciMoves } from '../../src-renderer/stores/chess-game'
import {
  type Branched,
  branch,
  commonPlies,
  switched,
  variationsOf,
} from '../../src-renderer/stores/chess-lines'
import { fromPgn, toPgn } from '../../src-renderer/stores/chess-pgn'

const game = (...moves: readonly string[]): Game => moves.reduce(play, newGame())
const at = (of: Game, others: readonly Game[] = []): Branched => ({
  game: of,
  others,
  viewed: null,
})
const spoken = ({ plies }: Game) => plies.map(ply => ply.san).join(' ')

describe('a move from an earlier position', () => {
  test('begins a line, and the old one is kept', () => {
    const next = branch(at(game('e4', 'e5', 'Nf3', 'Nc6')), 2, 'f4')
    expect(spoken(next.game)).toBe('e4 e5 f4')
    expect(next.others.map(spoken)).toEqual(['e4 e5 Nf3 Nc6'])
    expect(next.viewed).toBe(null)
  })
  test('that was played there goes along the line', () => {
    const line = game('e4', 'e5', 'Nf3')
    expect(branch(at(line), 1, 'e5')).toEqual({ game: line, others: [], viewed: 2 })
    expect(branch(at(line), 2, 'Nf3')).toEqual({ game: line, others: [], viewed: null })
  })
  test('that another line has goes over to that line, and loses none', () => {
    const [main, aside] = [game('e4', 'e5', 'Nf3'), game('e4', 'c5', 'Nc3')]
    const next = branch(at(main, [aside]), 1, 'c5')
    expect(next.game).toBe(aside)
    expect(next.others).toEqual([main])
    expect(next.viewed).toBe(2)
  })
  test('at the end is the next move', () => {
    const next = branch(at(game('e4')), 1, 'e5')
    expect(spoken(next.game)).toBe('e4 e5')
    expect(next.others).toEqual([])
  })
  test('that is not legal there says so', () => {
    expect(() => branch(at(game('e4', 'e5')), 1, 'Nf3')).toThrow('is not a legal move here')
  })
})

test('lines are listed by where they leave the game, with numbers', () => {
  const main = game('e4', 'e5', 'Nf3', 'Nc6')
  const others = [game('e4', 'e5', 'f4', 'exf4'), game('e4', 'c5')]
  expect(variationsOf(at(main, others)).map(({ from, text }) => [from, text])).toEqual([
    [1, '1… c5'],
    [2, '2. f4 exf4'],
  ])
  const swapped = switched(at(main, others), others[0]!)
  expect(spoken(swapped.game)).toBe('e4 e5 f4 exf4')
  expect(swapped.viewed).toBe(3)
  expect(swapped.others.map(spoken)).toEqual(['e4 e5 Nf3 Nc6', 'e4 c5'])
})

test('a PGN with variations is read by others, and by us', () => {
  const main = game('e4', 'e5', 'Nf3', 'Nc6')
  const pgn = toPgn(main, {}, [game('e4', 'e5', 'f4', 'exf4'), game('d4')])
  expect(pgn.split('\n\n')[1]).toBe('1. e4 (1. d4) 1... e5 2. Nf3 (2. f4 exf4) 2... Nc6 *\n')
  expect(uciMoves(fromPgn(pgn).game)).toEqual(uciMoves(main))
  const other = new Chess()
  other.loadPgn(pgn)
  expect(other.history()).toEqual(['e4', 'e5', 'Nf3', 'Nc6'])
  expect(commonPlies(fromPgn(pgn).game, main)).toBe(4)
  expect(fromPgn(pgn).others.map(spoken)).toEqual(['d4', 'e4 e5 f4 exf4'])
})

test('variations of a PGN are read, those in variations too; what is no move there is counted', () => {
  const moves =
    '1. e4 (1. d4 d5 (1... Nf6 2. c4 {Indian} (2. Nf3)) 2. c4 $2) (1. Ke3 (1. c4)) 1... e5'
  const text = `${moves} 2. Nf3 (2. f4 (2. --)) 2... Nc6 *`
  const { game: read, others, unread } = fromPgn(text)
  expect(spoken(read)).toBe('e4 e5 Nf3 Nc6')
  expect(others.map(spoken)).toEqual(['d4 Nf6 Nf3', 'd4 Nf6 c4', 'd4 d5 c4', 'e4 e5 f4'])
  expect(unread).toBe(2)
  // what was written is read again
  expect(
    fromPgn(toPgn(read, {}, others))
      .others.map(spoken)
      .sort(),
  ).toEqual(others.map(spoken).sort())
  expect(() => fromPgn('1. e4) e5 2. Nf3 *')).toThrow(
    'Half-move 2 of the PGN, ), is not legal there.',
  )
})
