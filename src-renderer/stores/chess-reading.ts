// A move as people write it, found among the legal ones: e4, Nf3, nf3, e2-e4, O-O, 0-0, o-o, e8=Q, e8q, e7e8q.
import type { Chess, Move } from 'chess.js'
import { Fault } from '../../src-worker/contract/fault'
import { capitalised } from '../../src-worker/shared/names'

/** Castling in letters or zeros, with any dash; promotion with or without its sign. */
function usual(text: string): string {
  const clean = text.trim().replace(/[!?]+$/, '')
  const castles = /^([o0])[-–—]?\1(?:[-–—]?(\1))?[+#]?$/i.exec(clean)
  if (castles) return castles[2] ? 'O-O-O' : 'O-O'
  return clean.replace(/([a-h][18])=?\(?([qrbn])\)?([+#]?)$/i, (_, to, piece, sign) => {
    return `${to.toLowerCase()}=${piece.toUpperCase()}${sign}`
  })
}

/** A pawn that reaches the last rank becomes what its player says; chess.js would take a knight for e7e8. */
function askForPiece(chess: Chess, text: string): void {
  const bare = text.replace(/[+#]$/, '')
  // listing the moves costs more than playing one: only where a pawn may arrive
  if (!/^[a-h].*[18]$/i.test(bare)) return
  const choices = chess
    .moves({ verbose: true })
    .filter(({ promotion, from, to, san }) => {
      const unnamed = san.replace(/=.*$/, '')
      return promotion !== undefined && (bare === unnamed || bare.toLowerCase() === from + to)
    })
    .map(({ san }) => san)
  if (choices.length > 0)
    throw new Fault(
      'usage',
      `${text} does not say what the pawn becomes.`,
      `Type one of ${choices.join(', ')}.`,
    )
}

/** Play it on the board; null: no legal move is written like this. Faults: usage, a promotion without its piece. */
export function playText(chess: Chess, text: string): Move | null {
  const clean = usual(text)
  const plain = clean.replace(/[-\s]/g, '')
  // chess.js plays -- as a move of neither side, which no game has
  if (plain === '') return null
  askForPiece(chess, plain)
  const uci = plain.charAt(0).toLowerCase() + plain.slice(1)
  const spellings = [clean, uci.toLowerCase(), uci, capitalised(clean)]
  for (const spelling of spellings) {
    try {
      return chess.move(spelling)
    } catch {
      // not this spelling; the next one may fit
    }
  }
  return null
}
