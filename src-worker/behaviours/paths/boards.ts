// Boards, moves and what they are worth. A board has W columns and H rows; a cell is row·W + column.
// Letters as in the original: A start, B target, X wall, O free; N S W E moves, D done, U unsolvable.
import { Fault } from '../../contract/fault'
import type { Board } from '../../contract/playground'

export interface Maze {
  readonly width: number
  readonly height: number
  /** [H·W], 1: wall */
  readonly walls: Uint8Array
  readonly start: number
  readonly target: number
}

/** How a board is written for the model. */
export interface BoardFormat {
  /** a space between the cells of a row, and between moves */
  readonly spaces: boolean
  /** a line `Moves:` between board and moves */
  readonly movesLine: boolean
}

export const directions = ['N', 'W', 'E', 'S'] as const
export type Direction = (typeof directions)[number]
export const moveLetters = ['N', 'E', 'S', 'W', 'D', 'U'] as const
export type MoveLetter = (typeof moveLetters)[number]

export const smallest = 2
export const largest = 32

/** The cell one step on, or −1 when that is off the board or a wall. */
export function stepFrom(maze: Maze, cell: number, direction: Direction): number {
  const { width, height, walls } = maze
  const column = cell % width
  let next = cell
  if (direction === 'N') next = cell - width
  else if (direction === 'S') next = cell + width
  else if (direction === 'W') next = column === 0 ? -1 : cell - 1
  else next = column === width - 1 ? -1 : cell + 1
  return next < 0 || next >= width * height || walls[next] === 1 ? -1 : next
}

/** Least number of moves from each cell to the target: breadth first. −1: wall, or no way. */
export function distancesOf(maze: Maze): Int16Array {
  const distances = new Int16Array(maze.walls.length).fill(-1)
  const queue = new Int16Array(maze.walls.length)
  distances[maze.target] = 0
  queue[0] = maze.target
  for (let head = 0, tail = 1; head < tail; head++) {
    const cell = queue[head]!
    for (const direction of directions) {
      const next = stepFrom(maze, cell, direction)
      if (next < 0 || distances[next] !== -1) continue
      distances[next] = distances[cell]! + 1
      queue[tail++] = next
    }
  }
  return distances
}

/** The first of N, W, E, S that leads to a cell nearest to the target; undefined: none leads anywhere. */
export function optimalMove(
  maze: Maze,
  distances: Int16Array,
  cell: number,
): Direction | undefined {
  let best: Direction | undefined
  let least = Number.POSITIVE_INFINITY
  for (const direction of directions) {
    const next = stepFrom(maze, cell, direction)
    if (next < 0 || distances[next]! < 0 || distances[next]! >= least) continue
    least = distances[next]!
    best = direction
  }
  return best
}

/** A shortest way, as the generator goes it. Empty at the target and where there is none. */
export function optimalPath(maze: Maze, distances: Int16Array, from: number): Direction[] {
  const path: Direction[] = []
  for (let cell = from; distances[cell]! > 0; ) {
    const move = optimalMove(maze, distances, cell)!
    path.push(move)
    cell = stepFrom(maze, cell, move)
  }
  return path
}

export interface Walk {
  /** walking: neither D nor U came; invalid: a letter that is no move, or moves behind the end */
  readonly end: 'walking' | 'done' | 'unsolvable' | 'invalid'
  /** stands on the target at the end */
  readonly reached: boolean
  readonly cell: number
  /** moves without D and U, hits included */
  readonly moves: number
  /** moves into a wall or off the board */
  readonly wallHits: number
  /** moves minus the shortest length; on an unsolvable board all moves; null: solvable, but not reached */
  readonly extraMoves: number | null
}

/** Replay letters from the start. Reading stops at the first letter that is invalid. */
export function replay(maze: Maze, letters: Iterable<string>): Walk {
  const optimum = distancesOf(maze)[maze.start]!
  let cell = maze.start
  let moves = 0
  let wallHits = 0
  let end: Walk['end'] = 'walking'
  for (const letter of letters) {
    if (end === 'done' || end === 'unsolvable') end = 'invalid'
    else if (letter === 'D') end = 'done'
    else if (letter === 'U') end = 'unsolvable'
    else if (directions.includes(letter as Direction)) {
      const next = stepFrom(maze, cell, letter as Direction)
      moves++
      if (next < 0) wallHits++
      else cell = next
    } else end = 'invalid'
    if (end === 'invalid') break
  }
  const reached = cell === maze.target
  const extraMoves = optimum < 0 ? moves : reached ? moves - optimum : null
  return { end, reached, cell, moves, wallHits, extraMoves }
}

/** The letters of a written list of moves, blanks left out. */
export const lettersOf = (moves: string): string[] => [...moves.replace(/\s+/g, '')]

const letterOf = ({ walls, start, target }: Maze, cell: number): string =>
  cell === start ? 'A' : cell === target ? 'B' : walls[cell] === 1 ? 'X' : 'O'

/** Rows of letters joined by newlines; no newline behind the last. */
export function boardText(maze: Maze, spaces: boolean): string {
  const rows = Array.from({ length: maze.height }, (_, y) =>
    Array.from({ length: maze.width }, (_, x) => letterOf(maze, y * maze.width + x)),
  )
  return rows.map(row => row.join(spaces ? ' ' : '')).join('\n')
}

/** What the model reads before the first move. */
export const promptText = (maze: Maze, format: BoardFormat): string =>
  `${boardText(maze, format.spaces)}\n${format.movesLine ? 'Moves:\n' : ''}`

export const movesText = (letters: readonly string[], spaces: boolean): string =>
  letters.join(spaces ? ' ' : '')

const cellKinds: Readonly<Record<string, 'free' | 'wall' | 'start' | 'target'>> = {
  O: 'free',
  '.': 'free',
  X: 'wall',
  '#': 'wall',
  A: 'start',
  B: 'target',
}

const refused = (message: string): Fault =>
  new Fault(
    'bad-data',
    message,
    `Write ${smallest} to ${largest} rows of equal length with O or . for free cells, X or # for walls, one A and one B.`,
  )

/** The one cell of a kind. */
function only(cells: readonly string[], kind: 'start' | 'target', letter: string): number {
  const found = cells.flatMap((cell, i) => (cellKinds[cell] === kind ? [i] : []))
  if (found.length !== 1) throw refused(`the board has ${found.length} cells ${letter}, not one`)
  return found[0]!
}

/** @throws Fault bad-data: other letters, rows of unequal length, no A or B, too small or too large */
export function mazeOf(rows: readonly (readonly string[])[]): Maze {
  const height = rows.length
  const width = rows[0]?.length ?? 0
  const badRow = rows.findIndex(row => row.length !== width)
  if (badRow >= 0)
    throw refused(`row ${badRow + 1} has ${rows[badRow]!.length} cells, row 1 has ${width}`)
  if (Math.min(width, height) < smallest || Math.max(width, height) > largest)
    throw refused(`the board has ${width} columns and ${height} rows`)
  const cells = rows.flat()
  const other = cells.findIndex(cell => cellKinds[cell] === undefined)
  if (other >= 0) {
    const [x, y] = [(other % width) + 1, Math.floor(other / width) + 1]
    throw refused(`row ${y}, column ${x} holds ${JSON.stringify(cells[other])}`)
  }
  const walls = Uint8Array.from(cells, cell => (cellKinds[cell] === 'wall' ? 1 : 0))
  const [start, target] = [only(cells, 'start', 'A'), only(cells, 'target', 'B')]
  return { width, height, walls, start, target }
}

/** A board as people and the original write it, with or without spaces; a `Moves:` line and what follows are left out. */
export function parseBoard(text: string): Maze {
  const board = text.split(/^\s*Moves:/m)[0]!
  const rows = board.split(/\r?\n/).map(row => [...row.replace(/[ \t]+/g, '')])
  return mazeOf(rows.filter(row => row.length > 0))
}

/** The contract's form: cells row by row, one letter each (whole rows are understood, too). */
export function mazeOfBoard({ width, height, cells }: Board): Maze {
  const letters = [...cells.join('')]
  if (letters.length !== width * height)
    throw refused(`${width} × ${height} cells are announced, ${letters.length} are there`)
  return mazeOf(Array.from({ length: height }, (_, y) => letters.slice(y * width, (y + 1) * width)))
}

export function boardOfMaze(maze: Maze): Board {
  const letters = [...boardText(maze, false).replaceAll('\n', '')]
  const cells = letters.map(letter => (letter === 'O' ? '.' : letter === 'X' ? '#' : letter))
  return { width: maze.width, height: maze.height, cells }
}
