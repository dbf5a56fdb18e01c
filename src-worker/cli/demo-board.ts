// Two chess boards side by side: the same position without and with the prompt, each with the move that the model prefers.
import { openBoard, playUci } from '../behaviours/chess/position'

export interface BoardMove {
  readonly name: string
  readonly uci: string
  readonly san: string
  readonly probability: number
}

const pieces: Readonly<Record<string, string>> = {
  ...{ P: '♙', N: '♘', B: '♗', R: '♖', Q: '♕', K: '♔' },
  ...{ p: '♟', n: '♞', b: '♝', r: '♜', q: '♛', k: '♚' },
}

/** Eight lines with ranks and one of files; the squares of the last move in brackets. */
function boardLines(moves: readonly string[], next: string): string[] {
  const board = openBoard(undefined)
  for (const move of [...moves, next]) if (move !== '') playUci(board, move)
  const [from, to] = [next.slice(0, 2), next.slice(2, 4)]
  const lines = board.board().map((row, y) => {
    const cells = row.map((piece, x) => {
      const square = `${'abcdefgh'[x]}${8 - y}`
      const letter =
        piece === null ? '·' : piece.color === 'w' ? piece.type.toUpperCase() : piece.type
      const drawn = pieces[letter] ?? letter
      return square === from || square === to ? `[${drawn}]` : ` ${drawn} `
    })
    return `${8 - y} ${cells.join('')}`
  })
  return [...lines, `  ${[...'abcdefgh'].map(file => ` ${file} `).join('')}`]
}

const gap = '      '
const width = 26

/** @param moves UCI moves so far */
export function boardsText(moves: readonly string[], chosen: readonly BoardMove[]): string {
  const heads = chosen.map(({ name, san, probability }) =>
    `${name}: ${san} (${(100 * probability).toFixed(0)} %)`.padEnd(width),
  )
  const boards = chosen.map(({ uci }) => boardLines(moves, uci))
  const lines = (boards[0] ?? []).map((_, i) =>
    boards.map(board => (board[i] ?? '').padEnd(width)).join(gap),
  )
  return [heads.join(gap), ...lines].map(line => line.trimEnd()).join('\n')
}
