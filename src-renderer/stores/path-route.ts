// Routes over a board: replaying moves, the shortest way, and scoring a way against it.
// Rules as the data set's: a move into a wall or off the board is a hit and stays where it was;
// extra moves are all moves, hits included, minus the shortest number.
import type { Board } from '../../src-worker/contract/playground'
import { cellAt, find, type Place } from './path-board'

export type Move = 'N' | 'E' | 'S' | 'W'
export const steps: readonly Move[] = ['N', 'E', 'S', 'W']

const offsets: Readonly<Record<Move, Place>> = {
  N: { x: 0, y: -1 },
  E: { x: 1, y: 0 },
  S: { x: 0, y: 1 },
  W: { x: -1, y: 0 },
}
export const isStep = (text: string): text is Move => text in offsets

export interface Stop extends Place {
  readonly move: Move
  readonly hit: boolean
}

const same = (a: Place | null, b: Place | null): boolean =>
  a !== null && b !== null && a.x === b.x && a.y === b.y

/** Where each move leads, from the start on. */
export function replay(board: Board, moves: readonly string[]): readonly Stop[] {
  let at = find(board, 'A')
  if (at === null) return []
  const stops: Stop[] = []
  for (const move of moves) {
    if (!isStep(move)) break
    const next: Place = { x: at.x + offsets[move].x, y: at.y + offsets[move].y }
    const hit = cellAt(board, next) === '#'
    if (!hit) at = next
    stops.push({ ...at, move, hit })
  }
  return stops
}

/** Shortest moves from the start to the target (ties: N, W, E, S as the data set's), or null. */
export function shortest(board: Board): readonly Move[] | null {
  const start = find(board, 'A')
  const target = find(board, 'B')
  if (start === null || target === null) return null
  const distance = distancesTo(board, target)
  const far = (p: Place): number => distance[p.y * board.width + p.x] ?? Number.POSITIVE_INFINITY
  if (!Number.isFinite(far(start))) return null
  const moves: Move[] = []
  for (let at = start; !same(at, target); ) {
    const here = at
    const move = (['N', 'W', 'E', 'S'] as const).find(step => {
      const next = { x: here.x + offsets[step].x, y: here.y + offsets[step].y }
      return cellAt(board, next) !== '#' && far(next) === far(here) - 1
    })
    if (move === undefined) return null
    moves.push(move)
    at = { x: here.x + offsets[move].x, y: here.y + offsets[move].y }
  }
  return moves
}

/**
 * Steps from every cell to the target, breadth first; infinity where there is no way. [width ·
 * height]
 */
function distancesTo(board: Board, target: Place): readonly number[] {
  const distance = new Array<number>(board.width * board.height).fill(Number.POSITIVE_INFINITY)
  distance[target.y * board.width + target.x] = 0
  let ring: readonly Place[] = [target]
  for (let far = 1; ring.length > 0; far++) {
    const next: Place[] = []
    for (const at of ring)
      for (const step of steps) {
        const place = { x: at.x + offsets[step].x, y: at.y + offsets[step].y }
        const index = place.y * board.width + place.x
        if (cellAt(board, place) === '#' || Number.isFinite(distance[index])) continue
        distance[index] = far
        next.push(place)
      }
    ring = next
  }
  return distance
}

export interface Score {
  readonly reached: boolean
  readonly moves: number
  readonly wallHits: number
  readonly optimum: number | null
  /** moves − optimum when the target was reached, else null */
  readonly extraMoves: number | null
}

/** What a route is worth: it counts up to the first time it stands on the target. */
export function score(board: Board, moves: readonly string[]): Score {
  const target = find(board, 'B')
  const stops = replay(board, moves)
  const end = stops.findIndex(stop => same(stop, target))
  const walked = end < 0 ? stops : stops.slice(0, end + 1)
  const optimum = shortest(board)?.length ?? null
  const reached = end >= 0
  return {
    reached,
    moves: walked.length,
    wallHits: walked.filter(stop => stop.hit).length,
    optimum,
    extraMoves: reached && optimum !== null ? walked.length - optimum : null,
  }
}

/**
 * A route drawn cell by cell: stepping onto a neighbour of its end adds a move, stepping back onto
 * the
 * cell before takes the last one away; anything else leaves it as it is.
 */
export function drawTo(board: Board, moves: readonly Move[], place: Place): readonly Move[] {
  const start = find(board, 'A')
  const stops = replay(board, moves)
  const before = stops.length > 1 ? (stops[stops.length - 2] ?? null) : start
  if (moves.length > 0 && same(before, place)) return moves.slice(0, -1)
  const at = stops.at(-1) ?? start
  if (at === null || cellAt(board, place) === '#') return moves
  const step = steps.find(s => same({ x: at.x + offsets[s].x, y: at.y + offsets[s].y }, place))
  return step === undefined ? moves : [...moves, step]
}
