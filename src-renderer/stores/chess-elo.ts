// Reading one position at other Elos: which are asked, and how the answers line up in a table.
import type { ChessAnswer } from '../../src-worker/contract/playground'
import type { Colour } from './chess-game'

/** Lichess ratings of blitz games end at 600; 3000 is above almost every player. */
export const eloRange = { min: 600, max: 3000, step: 50 } as const

/** The nearest Elo that the sliders know; NaN stays. */
export const inRange = (elo: number): number => Math.min(eloRange.max, Math.max(eloRange.min, elo))

/** `count` Elos evenly over [from, to], rounded to the slider's step, without repeats. */
export function sweepElos(from: number, to: number, count: number): readonly number[] {
  const { step } = eloRange
  const last = Math.max(1, count - 1)
  const elos = Array.from({ length: count }, (_, i) => {
    const elo = from + ((to - from) * i) / last
    return Math.round(elo / step) * step
  })
  return [...new Set(elos)]
}

/** The Elos of a request when the side to move is re-read at `elo` and the other side stays. */
export const elosAt = (
  turn: Colour,
  elo: number,
  elos: { readonly white: number; readonly black: number },
): { readonly whiteElo: number; readonly blackElo: number } => ({
  whiteElo: turn === 'w' ? elo : elos.white,
  blackElo: turn === 'b' ? elo : elos.black,
})

export interface EloRow {
  readonly elo: number
  readonly first: string
  readonly firstProbability: number
  readonly second: string
  readonly secondProbability: number
  readonly illegalMass: number
}

export function eloRow(elo: number, answer: ChessAnswer): EloRow {
  const [first, second] = answer.moves
  return {
    elo,
    first: first?.san ?? '–',
    firstProbability: first?.probability ?? 0,
    second: second?.san ?? '–',
    secondProbability: second?.probability ?? 0,
    illegalMass: answer.illegalMass,
  }
}

/** Rows by Elo, a fresh row in place of an older one of the same Elo. */
export const withRow = (rows: readonly EloRow[], row: EloRow): readonly EloRow[] =>
  [...rows.filter(r => r.elo !== row.elo), row].sort((a, b) => a.elo - b.elo)

/** Probability of one move at each Elo that was read, for the small curve under the table. */
export const curveOf = (
  answers: ReadonlyMap<number, ChessAnswer>,
  uci: string,
): readonly { readonly elo: number; readonly probability: number }[] =>
  [...answers]
    .sort(([a], [b]) => a - b)
    .map(([elo, { moves }]) => ({
      elo,
      probability: moves.find(move => move.uci === uci)?.probability ?? 0,
    }))
