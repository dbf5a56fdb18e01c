// Boards and walks as text.
import type { Board, PathAnswer } from '../contract/playground'

/** The board, with the walked cells as dots in the middle. */
export function boardText(
  { width, height, cells }: Board,
  { steps }: Pick<PathAnswer, 'steps'>,
): string {
  const walked = new Set(steps.map(s => s.y * width + s.x))
  const cell = (i: number): string => (cells[i] === '.' && walked.has(i) ? '·' : (cells[i] ?? ' '))
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => cell(y * width + x)).join(' '),
  ).join('\n')
}

/** NNEED: arrived, 1 more move than needed, no wall hit */
export function pathText({ steps, result }: PathAnswer): string {
  const word = steps.map(s => s.move).join('')
  const { reached, extraMoves, wallHits, end } = result
  const arrived = reached
    ? 'arrived'
    : end === 'unsolvable'
      ? 'said that there is no way'
      : 'did not arrive'
  const extra = extraMoves === null ? '' : `, ${extraMoves} more moves than needed`
  return `${word}: ${arrived}${extra}, ${wallHits} wall hits`
}
