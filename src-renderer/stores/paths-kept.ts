// What the path room keeps over a reload of the window: the board, and what is asked of the walker.
import { z } from 'zod'
import type { Board } from '../../src-worker/contract/playground'
import { kept } from './kept'
import { firstBoard, readBoard } from './path-board'

const count = z.int().min(0).max(20).default(0)
const seed = z.int().nonnegative().default(0)

export const pathSettingsSchema = z.object({
  boardSeed: seed,
  extraMoves: count,
  wallHits: count,
  constrained: z.boolean().default(false),
  spaces: z.boolean().default(true),
  movesLine: z.boolean().default(true),
  temperature: z.number().min(0).max(2).default(0),
  seed,
  withBare: z.boolean().default(true),
  showOptimum: z.boolean().default(false),
  /** steps a second while playing */
  speed: z.number().min(0.5).max(10).default(2),
})

/** The board that was shown; an empty one when there was none. */
export function keptBoard(): Board {
  const { text } = kept('paths-board', z.object({ text: z.string().default('') }))
  try {
    return readBoard(text)
  } catch {
    return firstBoard()
  }
}
