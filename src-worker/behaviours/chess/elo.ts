// The numbers that a chess prompt is made from.
import type { ExperimentSpec } from '../../contract/run-spec'

export type ChessSpec = Extract<ExperimentSpec, { kind: 'chess' }>

/** (Elo − 1000) / 2000: 1000 is 0, 3000 is 1. */
export const normalisedElo = (elo: number): number => (elo - 1000) / 2000

export function chessConditions(
  conditioned: ChessSpec['conditioned'],
  whiteElo: number,
  blackElo: number,
): number[] {
  if (conditioned === 'none') return []
  return conditioned === 'constant' ? [1] : [normalisedElo(whiteElo), normalisedElo(blackElo)]
}

export const chessConditionNames = (conditioned: ChessSpec['conditioned']): string[] =>
  conditioned === 'none'
    ? []
    : conditioned === 'constant'
      ? ['constant']
      : ['white Elo', 'black Elo']
