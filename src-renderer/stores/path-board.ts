// A grid board as plain data, and what may be done to it: paint, read from text, move the focus
// over it.
// x counts columns from the left, y rows from the top; cells lie row by row.
import { Fault } from '../../src-worker/contract/fault'
import type { Board } from '../../src-worker/contract/playground'

export type Cell = '.' | '#' | 'A' | 'B'
export type Tool = 'wall' | 'free' | 'start' | 'target'
export interface Place {
  readonly x: number
  readonly y: number
}

/** [2, 32], as the contract asks. */
export const boardSides = { least: 2, most: 32 } as const

const cellOf: Readonly<Record<Tool, Cell>> = { wall: '#', free: '.', start: 'A', target: 'B' }
const isCell = (text: string | undefined): text is Cell =>
  text === '.' || text === '#' || text === 'A' || text === 'B'

/** Free everywhere, start at the top left, target at the bottom right. */
export function emptyBoard(width: number, height: number): Board {
  const cells: Cell[] = new Array<Cell>(width * height).fill('.')
  cells[0] = 'A'
  cells[cells.length - 1] = 'B'
  return { width, height, cells }
}

/** The board of a first visit: some walls, and several ways round them. */
export const firstBoard = (): Board =>
  readBoard(
    [
      'A..#....',
      '.#.#.##.',
      '.#...#..',
      '...#.#.#',
      '.###.#..',
      '.....##.',
      '.#.#....',
      '.#...#.B',
    ].join('\n'),
  )

export const isInside = (board: Board, { x, y }: Place): boolean =>
  x >= 0 && y >= 0 && x < board.width && y < board.height

/** The cell at a place; outside is a wall. */
export function cellAt(board: Board, place: Place): Cell {
  if (!isInside(board, place)) return '#'
  const cell = board.cells[place.y * board.width + place.x]
  return isCell(cell) ? cell : '.'
}

/** Where the start ('A') or the target ('B') is. */
export function find(board: Board, letter: 'A' | 'B'): Place | null {
  const at = board.cells.indexOf(letter)
  return at < 0 ? null : { x: at % board.width, y: Math.floor(at / board.width) }
}

/** Paint one cell. Start and target move there; nothing is painted over them but by moving them. */
export function paint(board: Board, place: Place, tool: Tool): Board {
  const old = cellAt(board, place)
  const cell = cellOf[tool]
  if (!isInside(board, place) || old === cell || old === 'A' || old === 'B') return board
  const cells = board.cells.map(c => (c === cell && (cell === 'A' || cell === 'B') ? '.' : c))
  cells[place.y * board.width + place.x] = cell
  return { ...board, cells }
}

/** The tool that a first touch stands for: walls are taken away, free cells become walls. */
export const toggleTool = (board: Board, place: Place): 'wall' | 'free' =>
  cellAt(board, place) === '#' ? 'free' : 'wall'

/** What keeps a board from being walked, or an empty string. */
export function boardProblem(board: Board): string {
  if (find(board, 'A') === null) return 'The board has no start (A).'
  if (find(board, 'B') === null) return 'The board has no target (B).'
  const [starts, targets] = ['A', 'B'].map(letter => board.cells.filter(c => c === letter).length)
  if (starts !== 1) return `The board has ${starts} starts (A); it takes one.`
  if (targets !== 1) return `The board has ${targets} targets (B); it takes one.`
  return ''
}

/** Where the focus goes by a key of the grid pattern, or null when the key is not of it. */
export function nextFocus(board: Board, at: Place, key: string, ctrl: boolean): Place | null {
  const right = board.width - 1
  const bottom = board.height - 1
  switch (key) {
    case 'ArrowRight':
      return { x: Math.min(right, at.x + 1), y: at.y }
    case 'ArrowLeft':
      return { x: Math.max(0, at.x - 1), y: at.y }
    case 'ArrowDown':
      return { x: at.x, y: Math.min(bottom, at.y + 1) }
    case 'ArrowUp':
      return { x: at.x, y: Math.max(0, at.y - 1) }
    case 'Home':
      return { x: 0, y: ctrl ? 0 : at.y }
    case 'End':
      return { x: right, y: ctrl ? bottom : at.y }
    case 'PageUp':
      return { x: at.x, y: 0 }
    case 'PageDown':
      return { x: at.x, y: bottom }
    default:
      return null
  }
}

const fromLetter: Readonly<Record<string, Cell>> = {
  O: '.',
  X: '#',
  '.': '.',
  '#': '#',
  A: 'A',
  B: 'B',
}

/**
 * A board from text: the form of the data set (A, B, X blocked, O free, with or without spaces) or
 * our
 * own (. and #). Lines after the board, such as `Moves:`, are left out. Faults: usage, with the
 * row.
 */
export function readBoard(text: string): Board {
  const rows: string[] = []
  for (const line of text.split('\n')) {
    const row = line.replace(/\s/g, '').toUpperCase()
    if (/^[OXAB.#]+$/.test(row)) rows.push(row)
    else if (rows.length > 0) break
  }
  const width = rows[0]?.length ?? 0
  const uneven = rows.findIndex(row => row.length !== width)
  const fix = 'Paste rows of O, X, A and B, all of one length.'
  if (uneven >= 0)
    throw new Fault(
      'usage',
      `Row ${uneven + 1} has ${rows[uneven]?.length} cells, row 1 has ${width}.`,
      fix,
    )
  if (rows.length === 0) throw new Fault('usage', 'There are no rows of a board in this text.', fix)
  const { least, most } = boardSides
  if (rows.length < least || width < least || rows.length > most || width > most)
    throw new Fault('usage', `The board is ${width} × ${rows.length}; sides are 2 to 32.`, fix)
  const cells = [...rows.join('')].map(letter => fromLetter[letter] ?? '.')
  const board = { width, height: rows.length, cells }
  const problem = boardProblem(board)
  if (problem) throw new Fault('usage', problem, fix)
  return board
}

/** The rows of a board, as readBoard takes them. */
export const boardText = ({ width, height, cells }: Board): string =>
  Array.from({ length: height }, (_, y) => cells.slice(y * width, (y + 1) * width).join('')).join(
    '\n',
  )
