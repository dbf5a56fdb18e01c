// Boards: goldens for distances and replay, the generator's distribution, non-square boards, refusals.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  boardOfMaze,
  boardText,
  distancesOf,
  lettersOf,
  mazeOfBoard,
  optimalMove,
  optimalPath,
  parseBoard,
  promptText,
  replay,
} from '../../../src-worker/behaviours/paths/boards'
import { type WalkedMaze, walkedMaze } from '../../../src-worker/behaviours/paths/generator'
import type { Fault } from '../../../src-worker/contract/fault'
import { rng } from '../../../src-worker/stream/rng'
import { referencePath } from '../../reference-path'

const golden = (name: string) =>
  JSON.parse(readFileSync(referencePath('reference/pathfinding', `${name}.json`), 'utf8'))

interface BoardCase {
  board: string
  moves: string
  wall_hit_count: number
  extra_move_count: number
  solvable: boolean
  optimal_length: number | null
  move_count: number
}

describe('goldens', () => {
  test('distances and optimal moves are exact', () => {
    for (const { board, distances, optimal_moves } of golden('optimal_moves').cases) {
      const maze = parseBoard(board)
      const found = distancesOf(maze)
      expect([...found]).toEqual(distances.flat())
      const letters = [...found].map((d, cell) =>
        maze.walls[cell] === 1 || d < 0 ? '.' : (optimalMove(maze, found, cell) ?? '.'),
      )
      expect(letters.join('')).toBe(optimal_moves.join(''))
    }
  })

  test.each(['boards_8x8_spaces', 'boards_8x8_no_spaces', 'boards_5x5_spaces'])(
    '%s replay',
    name => {
      const { cases, insert_spaces: spaces } = golden(name)
      for (const item of cases as BoardCase[]) {
        const maze = parseBoard(item.board)
        expect(boardText(maze, spaces)).toBe(item.board)
        const walk = replay(maze, lettersOf(item.moves))
        expect(walk).toMatchObject({
          end: item.solvable ? 'done' : 'unsolvable',
          reached: item.solvable,
          wallHits: item.wall_hit_count,
          extraMoves: item.extra_move_count,
          moves: item.move_count,
        })
        const distances = distancesOf(maze)
        expect(distances[maze.start]).toBe(item.optimal_length ?? -1)
        expect(optimalPath(maze, distances, maze.start)).toHaveLength(item.optimal_length ?? 0)
      }
    },
  )
})

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length

describe('the generator', () => {
  const measured: [string, (w: WalkedMaze) => number | undefined][] = [
    ['extra_move_count', w => w.extraMoves],
    ['extra_move_count_solvable', w => (w.moves.at(-1) === 'D' ? w.extraMoves : undefined)],
    ['extra_move_count_unsolvable', w => (w.moves.at(-1) === 'U' ? w.extraMoves : undefined)],
    ['wall_hit_count', w => w.wallHits],
    ['move_count', w => w.moves.length - 1],
    ['moves_string_length', w => w.moves.join(' ').length],
    ['blocker_count', w => mean([...w.maze.walls]) * w.maze.walls.length],
    [
      'optimal_length_solvable',
      w => (w.moves.at(-1) === 'D' ? w.moves.length - 1 - w.extraMoves : undefined),
    ],
  ]

  test.each(golden('statistics').statistics as Record<string, never>[])(
    'agrees with $boards boards of $width × $height within 4 standard errors',
    statistics => {
      const n = 20000
      const { width, height, boards } = statistics as unknown as Record<string, number>
      const random = rng(11, `boards ${width}`)
      const walks = Array.from({ length: n }, () => walkedMaze(random, width!, height!))
      for (const [name, of] of measured) {
        const values = walks.map(of).filter(v => v !== undefined)
        const {
          mean: expected,
          std,
          n: count,
        } = statistics[name] as unknown as Record<string, number>
        const error = std! * Math.sqrt(1 / values.length + 1 / count!)
        expect(Math.abs(mean(values) - expected!) / error, name).toBeLessThan(4)
      }
      const shares: [string, (w: WalkedMaze) => boolean][] = [
        ['p_unsolvable', w => w.moves.at(-1) === 'U'],
        ['p_zero_extra', w => w.extraMoves === 0],
        ['p_zero_wall_hits', w => w.wallHits === 0],
      ]
      for (const [name, of] of shares) {
        const p = statistics[name] as unknown as number
        const error = Math.sqrt(p * (1 - p) * (1 / n + 1 / boards!))
        expect(Math.abs(mean(walks.map(w => Number(of(w)))) - p) / error, name).toBeLessThan(4)
      }
      const letters = walks.flatMap(w => w.moves)
      const frequencies = statistics.move_frequencies as unknown as Record<string, number>
      for (const [letter, p] of Object.entries(frequencies))
        expect(letters.filter(l => l === letter).length / letters.length).toBeCloseTo(p, 2)
    },
    60_000,
  )

  test.each([
    [2, 2],
    [2, 32],
    [5, 7],
    [7, 5],
    [4, 9],
    [32, 32],
  ])('%i × %i: every walk replays to its own conditions', (width, height) => {
    const random = rng(3, 'sizes')
    for (let i = 0; i < 300; i++) {
      const { maze, moves, extraMoves, wallHits } = walkedMaze(random, width, height)
      expect([maze.width, maze.height, maze.walls.length]).toEqual([width, height, width * height])
      expect(maze.walls[maze.start]! + maze.walls[maze.target]!).toBe(0)
      const solvable = distancesOf(maze)[maze.start]! >= 0
      expect(replay(maze, moves)).toMatchObject({
        end: solvable ? 'done' : 'unsolvable',
        reached: solvable,
        extraMoves,
        wallHits,
      })
      expect(parseBoard(boardText(maze, i % 2 === 0))).toEqual(maze)
      expect(mazeOfBoard(boardOfMaze(maze))).toEqual(maze)
    }
  })

  test('the same seed gives the same boards', () => {
    const [a, b] = [rng(5, 'x'), rng(5, 'x')].map(random => walkedMaze(random, 8, 8))
    expect(a).toEqual(b)
  })
})

describe('walks and boards written by others', () => {
  const maze = parseBoard('A O X\nO X O\nO O B')

  test('the text before the moves', () => {
    expect(promptText(maze, { spaces: true, movesLine: true })).toBe(
      'A O X\nO X O\nO O B\nMoves:\n',
    )
    expect(promptText(maze, { spaces: false, movesLine: false })).toBe('AOX\nOXO\nOOB\n')
  })

  test.each([
    ['S S E E D', { end: 'done', reached: true, moves: 4, extraMoves: 0, wallHits: 0 }],
    ['N S W S E E', { end: 'walking', reached: true, moves: 6, extraMoves: 2, wallHits: 2 }],
    ['S D', { end: 'done', reached: false, moves: 1, extraMoves: null, wallHits: 0 }],
    ['SU', { end: 'unsolvable', reached: false, moves: 1, extraMoves: null }],
    ['S x S', { end: 'invalid', moves: 1 }],
    ['S S E E D D', { end: 'invalid', reached: true }],
    ['', { end: 'walking', moves: 0 }],
  ])('%s', (moves, walk) => {
    expect(replay(maze, lettersOf(moves))).toMatchObject(walk)
  })

  test.each([
    ['A O\nO Q', 'row 2, column 2 holds "Q"'],
    ['A O\nO', 'row 2 has 1 cells, row 1 has 2'],
    ['A O\nO O', 'the board has 0 cells B, not one'],
    ['A A\nB O', 'the board has 2 cells A, not one'],
    ['A B', 'the board has 2 columns and 1 rows'],
    ['', 'the board has 0 columns and 0 rows'],
    [`A${'O'.repeat(32)}\n${'O'.repeat(32)}B`, 'the board has 33 columns and 2 rows'],
  ])('%j is refused with words', (text, message) => {
    let fault: Fault | undefined
    try {
      parseBoard(text)
    } catch (error) {
      fault = error as Fault
    }
    expect(fault?.code).toBe('bad-data')
    expect(fault?.message).toBe(message)
    expect(fault?.fix).toContain('one A and one B')
  })
})
