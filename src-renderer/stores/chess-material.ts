// Material in pawns, by the usual values.
import type { Chess, PieceSymbol } from 'chess.js'
import type { Colour } from './chess-game'

const worth: Readonly<Record<PieceSymbol, number>> = { p: 1, n: 3, b: 3, r: 5, q: 9, k: 0 }

/** How many pawns `colour` is ahead. */
export function materialLead(chess: Chess, colour: Colour): number {
  let lead = 0
  for (const row of chess.board())
    for (const piece of row)
      if (piece) lead += (piece.color === colour ? 1 : -1) * worth[piece.type]
  return lead
}
