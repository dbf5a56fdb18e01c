// Random boards with a walk from A to B, distributed as the original's; unlike there, boards need not be square.
import type { Rng } from '../../stream/rng'
import {
  type Direction,
  directions,
  distancesOf,
  type Maze,
  type MoveLetter,
  optimalMove,
  stepFrom,
} from './boards'

/** A board with a walk, and how far the walk is from the best one: the conditions of the prompt. */
export interface WalkedMaze {
  readonly maze: Maze
  /** ends with D, or with U on an unsolvable board */
  readonly moves: readonly MoveLetter[]
  readonly extraMoves: number
  readonly wallHits: number
}

/**
 * A, B and walls on distinct random cells; the number of walls is uniform in [0, ⌊¾·W·H⌋), on tiny boards so many
 * as fit.
 */
export function randomMaze(random: Rng, width: number, height: number): Maze {
  const cells = width * height
  const count = 2 + Math.min(cells - 2, random.below(Math.max(1, Math.floor((cells * 3) / 4))))
  const order = Uint16Array.from({ length: cells }, (_, i) => i)
  for (let i = 0; i < count; i++) {
    const j = i + random.below(cells - i)
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
  const walls = new Uint8Array(cells)
  for (let i = 2; i < count; i++) walls[order[i]!] = 1
  return { width, height, walls, start: order[0]!, target: order[1]! }
}

/** With probability 1/k a random move, which may be blocked, else the optimal one; U when there is none. */
export function randomWalk(random: Rng, maze: Maze, k: number): WalkedMaze {
  const distances = distancesOf(maze)
  const moves: MoveLetter[] = []
  let wallHits = 0
  let cell = maze.start
  while (cell !== maze.target) {
    const wiggles = random.below(k) === 0
    const move: Direction | undefined = wiggles
      ? directions[random.below(4)]!
      : optimalMove(maze, distances, cell)
    if (move === undefined) break
    moves.push(move)
    const next = stepFrom(maze, cell, move)
    if (next < 0) wallHits++
    else cell = next
  }
  const optimum = Math.max(0, distances[maze.start]!)
  const extraMoves = moves.length - optimum
  moves.push(cell === maze.target ? 'D' : 'U')
  return { maze, moves, extraMoves, wallHits }
}

/** One board of the training distribution: k is uniform in 2…7. */
export function walkedMaze(random: Rng, width: number, height: number): WalkedMaze {
  const maze = randomMaze(random, width, height)
  return randomWalk(random, maze, 2 + random.below(6))
}
