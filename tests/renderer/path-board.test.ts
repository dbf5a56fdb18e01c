import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  cellAt,
  emptyBoard,
  find,
  nextFocus,
  paint,
  readBoard,
} from '../../src-renderer/stores/path-board'
import { drawTo, replay, score, shortest } from '../../src-renderer/stores/path-route'
import { referencePath } from '../reference-path'

interface Case {
  readonly board: string
  readonly moves: string
  readonly extra_move_count: number
  readonly wall_hit_count: number
  readonly solvable: boolean
  readonly optimal_length: number | null
}
const cases = (name: string): readonly Case[] =>
  JSON.parse(readFileSync(referencePath('reference', 'pathfinding', name), 'utf8')).cases

describe.each(['boards_5x5_spaces.json', 'boards_8x8_spaces.json', 'boards_8x8_no_spaces.json'])(
  '%s: routes score as the reference says',
  name => {
    test('hits, extra moves, optimum', () => {
      for (const c of cases(name)) {
        const board = readBoard(`${c.board}\nMoves:`)
        const moves = [...c.moves.replaceAll(' ', '')].filter(m => m !== 'D' && m !== 'U')
        const got = score(board, moves)
        expect(got.optimum).toBe(c.optimal_length)
        expect(got.wallHits).toBe(c.wall_hit_count)
        expect(got.reached).toBe(c.solvable)
        if (c.solvable) expect(got.extraMoves).toBe(c.extra_move_count)
      }
    })
  },
)

test('the shortest way is the data set’s: ties go N, W, E, S', () => {
  const file = JSON.parse(
    readFileSync(referencePath('reference', 'pathfinding', 'optimal_moves.json'), 'utf8'),
  )
  for (const { board: text, distances, optimal_moves } of file.cases) {
    const board = readBoard(text)
    const start = find(board, 'A') ?? { x: 0, y: 0 }
    const moves = shortest(board)
    const distance = distances[start.y][start.x]
    expect(moves?.length ?? -1).toBe(distance)
    if (distance > 0) expect(moves?.[0]).toBe(optimal_moves[start.y][start.x])
  }
})

describe('painting', () => {
  const board = emptyBoard(4, 3)
  test('walls come and go; start and target move and are never painted over', () => {
    const walled = paint(board, { x: 1, y: 1 }, 'wall')
    expect(cellAt(walled, { x: 1, y: 1 })).toBe('#')
    expect(paint(walled, { x: 1, y: 1 }, 'free')).toEqual(board)
    const moved = paint(walled, { x: 1, y: 1 }, 'start')
    expect(find(moved, 'A')).toEqual({ x: 1, y: 1 })
    expect(cellAt(moved, { x: 0, y: 0 })).toBe('.')
    expect(paint(board, { x: 3, y: 2 }, 'wall')).toBe(board)
    expect(paint(board, { x: 9, y: 9 }, 'wall')).toBe(board)
  })

  test.each([
    ['ArrowRight', false, { x: 2, y: 1 }],
    ['ArrowUp', false, { x: 1, y: 0 }],
    ['Home', false, { x: 0, y: 1 }],
    ['End', true, { x: 3, y: 2 }],
    ['PageDown', false, { x: 1, y: 2 }],
    ['x', false, null],
  ])('focus by %s (ctrl %s)', (key, ctrl, want) => {
    expect(nextFocus(board, { x: 1, y: 1 }, key, ctrl)).toEqual(want)
  })

  test('the focus stops at the edge', () => {
    expect(nextFocus(board, { x: 3, y: 2 }, 'ArrowRight', false)).toEqual({ x: 3, y: 2 })
  })
})

describe('an own route', () => {
  const board = paint(emptyBoard(3, 3), { x: 1, y: 0 }, 'wall')
  test('grows by neighbours, shrinks by stepping back, ignores the rest', () => {
    const one = drawTo(board, [], { x: 0, y: 1 })
    expect(one).toEqual(['S'])
    expect(drawTo(board, one, { x: 1, y: 1 })).toEqual(['S', 'E'])
    expect(drawTo(board, one, { x: 0, y: 0 })).toEqual([])
    expect(drawTo(board, one, { x: 2, y: 2 })).toBe(one)
    expect(drawTo(board, [], { x: 1, y: 0 })).toEqual([])
  })

  test('hits stay where they were and count as moves', () => {
    expect(replay(board, ['E', 'S'])).toEqual([
      { x: 0, y: 0, move: 'E', hit: true },
      { x: 0, y: 1, move: 'S', hit: false },
    ])
    expect(score(board, ['E', 'S', 'E', 'S', 'E', 'W'])).toEqual({
      reached: true,
      moves: 5,
      wallHits: 1,
      optimum: 4,
      extraMoves: 1,
    })
  })
})

test.each([
  ['O O\nO', 'Row 2 has 1 cells, row 1 has 2.'],
  ['O O\nO B', 'The board has no start (A).'],
  ['AB', 'The board is 2 × 1; sides are 2 to 32.'],
  ['A A\nO B', 'The board has 2 starts (A); it takes one.'],
  ['A B\nB O', 'The board has 2 targets (B); it takes one.'],
  ['hello', 'There are no rows of a board in this text.'],
])('%j is refused: %s', (text, words) => expect(() => readBoard(text)).toThrow(words))
