// One thing stands on one side of the split: the same game with other Elos, the same board with another walk.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gameRecords } from '../../src-worker/behaviours/chess/data'
import { parseBoard } from '../../src-worker/behaviours/paths/boards'
import { openPathfinding } from '../../src-worker/behaviours/paths/data'
import { gameFilterSchema } from '../../src-worker/contract/experiment-spec'
import { sideOf } from '../../src-worker/stream/split'
import { temporaryFolder } from '../temporary'
import { contextOf } from './spec'

const pgn = (white: number, black: number, moves: string): string =>
  `[Event "Rated Blitz game"]\n[WhiteElo "${white}"]\n[BlackElo "${black}"]\n\n${moves}\n\n`

test('the same game with other Elos', async () => {
  const path = join(temporaryFolder(), 'games.pgn')
  const elos = [1000, 1500, 2000, 2500, 2999]
  const moves = ['1. e4 e5 1-0', '1. d4 d5 2. c4 0-1', '1. Nf3 Nf6 1/2-1/2', '1. c4 1-0']
  writeFileSync(path, moves.flatMap(m => elos.map((elo, i) => pgn(elo, elos.at(-i)!, m))).join(''))
  const filter = gameFilterSchema.parse({})
  const sides = new Map<string, Set<string>>()
  for await (const { key, raw } of gameRecords(
    path,
    { kind: 'chess', conditioned: 'elos', filter },
    {},
  )) {
    const own = sides.get(raw.uci) ?? new Set()
    sides.set(raw.uci, own.add(sideOf({ atMost: 0.5, how: '' }, key)))
  }
  expect(sides.size).toBe(4)
  for (const side of sides.values()) expect(side.size).toBe(1)
  expect(new Set([...sides.values()].flatMap(side => [...side])).size).toBe(2)
})

// a walk that is another one each time, on boards of two rows: few, so that they come again
test('the same board with another walk', async () => {
  const context = await contextOf({
    experiment: { kind: 'pathfinding', boardWidth: 2, boardHeight: 2 },
    data: { path: 'procedural' },
    prompt: { type: 'mlp', tokens: 1 },
  })
  const pipeline = await openPathfinding(context)
  const keys = new Map<string, Set<string>>()
  const walks = new Map<string, Set<string>>()
  let count = 0
  for await (const { key, raw } of pipeline.records('procedural', {})) {
    const { prompt, moves } = raw as { prompt: string; moves: string }
    const { walls, start, target } = parseBoard(prompt)
    const board = `${walls} ${start} ${target}`
    keys.set(board, (keys.get(board) ?? new Set()).add(key))
    walks.set(board, (walks.get(board) ?? new Set()).add(moves))
    if (++count === 600) break
  }
  expect([...keys.values()].every(of => of.size === 1)).toBe(true)
  expect(new Set([...keys.values()].flatMap(of => [...of])).size).toBe(keys.size)
  expect([...walks.values()].some(of => of.size > 3)).toBe(true)
})
