// A position as chess.js knows it, and the text that a model has seen of the game. A model reads moves, never a
// position: from a FEN that is not the start it sees only the moves played since.
import { Chess, DEFAULT_POSITION } from 'chess.js'
import { Fault } from '../../contract/fault'

export interface Situation {
  /** start position; absent or empty: the usual one */
  readonly fen?: string
  /** UCI moves from there */
  readonly moves: readonly string[]
}

export interface LegalMove {
  readonly uci: string
  readonly san: string
}

export interface Position {
  readonly fen: string
  readonly turn: 'w' | 'b'
  readonly legal: readonly LegalMove[]
  /** moves so far as the model reads them */
  readonly context: string
  /** why no move follows; draws by rule that a player must claim do not end a game here */
  readonly over: 'checkmate' | 'stalemate' | undefined
}

/** chess.js would let the king be taken. */
function checkKing(board: Chess): Chess {
  const turn = board.turn()
  const [king] = board.findPiece({ type: 'k', color: turn === 'w' ? 'b' : 'w' })
  if (king !== undefined && board.isAttacked(king, turn))
    throw new Error(`the king on ${king} is in check, and the other side is to move`)
  return board
}

/** @throws Fault bad-data: a FEN that is none, for instance without a king, or with one that could be taken */
export function openBoard(fen: string | undefined): Chess {
  const start = fen === undefined || fen === '' || fen === 'startpos' ? DEFAULT_POSITION : fen
  try {
    return checkKing(new Chess(start))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^Invalid FEN: /, '') : String(cause)
    const fix = 'Give a whole FEN with both kings, or leave it out for the start of a game.'
    throw new Fault('bad-data', `${JSON.stringify(start)} is no position: ${why}`, fix, { cause })
  }
}

const uciForm = /^([a-h][1-8])([a-h][1-8])([nbrq])?$/

/** Play one UCI move if it is legal. */
export function playUci(board: Chess, uci: string): boolean {
  const [, from, to, promotion] = uciForm.exec(uci) ?? []
  if (from === undefined || to === undefined) return false
  try {
    // chess.js takes a promotion that is none, and leaves it out
    const move = board.move(promotion === undefined ? { from, to } : { from, to, promotion })
    if (move.lan === uci) return true
    board.undo()
    return false
  } catch {
    return false
  }
}

/** @throws Fault bad-data: a FEN that is none; a move that is not legal, with its number */
export function openSituation({ fen, moves }: Situation): Position {
  const board = openBoard(fen)
  for (const [i, uci] of moves.entries()) {
    if (playUci(board, uci)) continue
    throw new Fault(
      'bad-data',
      `move ${i + 1}, ${JSON.stringify(uci)}, is not legal in ${board.fen()}`,
      'Give legal moves in UCI form, for instance e2e4 e7e5 g1f3.',
    )
  }
  const legal = board.moves({ verbose: true }).map(({ lan, san }) => ({ uci: lan, san }))
  const over = board.isCheckmate() ? 'checkmate' : board.isStalemate() ? 'stalemate' : undefined
  return { fen: board.fen(), turn: board.turn(), legal, context: moves.join(' '), over }
}
