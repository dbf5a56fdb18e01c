// What the chess room keeps over a reload of the window: the game, and how it is played.
import { z } from 'zod'
import { eloRange } from './chess-elo'
import { type Game, newGame } from './chess-game'
import { fromPgn } from './chess-pgn'
import { kept } from './kept'

const elo = z.number().min(eloRange.min).max(eloRange.max).default(1500)

export const chessSettingsSchema = z.object({
  /** your colour */
  you: z.enum(['w', 'b']).default('w'),
  flipped: z.boolean().default(false),
  modelElo: elo,
  yourElo: elo,
  /** of the side to move, on the two boards */
  twoElos: z.tuple([elo, elo]).default([800, 2200]),
  policy: z.enum(['argmax', 'temperature', 'top-p', 'raw']).default('temperature'),
  temperature: z.number().min(0).max(2).default(0.8),
  topP: z.number().min(0.05).max(1).default(0.9),
  tries: z.int().min(1).max(20).default(5),
  seed: z.int().nonnegative().default(0),
  /** read the position on your turns too */
  readsYours: z.boolean().default(true),
  arrows: z.boolean().default(true),
})
export type Policy = z.output<typeof chessSettingsSchema>['policy']

/** The variations beside it. */
export function keptLines(): readonly Game[] {
  const schema = z.object({ pgns: z.array(z.string()).default([]) })
  try {
    return kept('chess-lines', schema).pgns.map(pgn => fromPgn(pgn).game)
  } catch {
    return []
  }
}

/** The game that was on the board; a new one when there was none. */
export function keptGame(): Game {
  const { pgn } = kept('chess-game', z.object({ pgn: z.string().default('') }))
  try {
    return fromPgn(pgn).game
  } catch {
    return newGame()
  }
}
