// Outcomes at single positions → shares, overall and by Elo of the player to move and by ply.
import { finite, type Interval, type Measured, meanOf } from './measured'

export const chessTags = {
  legalRate: 'Legal move rate',
  legalMass: 'Legal move probability',
  top1: 'Top-1 match',
  top3: 'Top-3 match',
  sensitivity: 'Elo sensitivity',
} as const

/** One position, and how well the model did there. */
export interface PositionOutcome {
  readonly game: number
  readonly ply: number
  /** of the player to move */
  readonly elo: number
  /** place of the played move among the legal ones, counted from 1 */
  readonly rank: number
  /** −log₂ p of the played move */
  readonly bits: number
  readonly legalMass: number
  /** what it would write greedily is a legal move */
  readonly legal: boolean
}

export interface EloSensitivity extends Interval {
  /** mean loss with the true Elos and with those of another game, nats a token */
  readonly trueLoss: number
  readonly shuffledLoss: number
}

const eloBuckets: readonly (readonly [string, number, number])[] = [
  ['Elo below 1200', 0, 1200],
  ['Elo 1200-1599', 1200, 1600],
  ['Elo 1600-1999', 1600, 2000],
  ['Elo 2000 and more', 2000, 10_000],
]
const plyBuckets: readonly (readonly [string, number, number])[] = [
  ['plies 0-9', 0, 10],
  ['plies 10-19', 10, 20],
  ['plies 20-39', 20, 40],
  ['plies 40 and more', 40, 10_000],
]

interface Shares {
  readonly n: number
  readonly legalRate: number
  readonly legalMass: number
  readonly top1: number
  readonly top3: number
  readonly bits: number
}

const sharesOf = (outcomes: readonly PositionOutcome[]): Shares => ({
  n: outcomes.length,
  legalRate: meanOf(outcomes.map(o => Number(o.legal))),
  legalMass: meanOf(outcomes.map(o => o.legalMass)),
  top1: meanOf(outcomes.map(o => Number(o.rank === 1))),
  top3: meanOf(outcomes.map(o => Number(o.rank <= 3))),
  bits: meanOf(outcomes.map(o => o.bits)),
})

function bucketed(
  outcomes: readonly PositionOutcome[],
  buckets: typeof eloBuckets,
  of: (outcome: PositionOutcome) => number,
): Record<string, Shares> {
  const entries = buckets.map(([name, low, high]) => {
    const inside = outcomes.filter(o => of(o) >= low && of(o) < high)
    return [name, sharesOf(inside)] as const
  })
  return Object.fromEntries(entries.filter(([, shares]) => shares.n > 0))
}

export function chessMeasured(
  outcomes: readonly PositionOutcome[],
  games: number,
  elo: EloSensitivity | undefined,
): Measured {
  const all = sharesOf(outcomes)
  const byElo = bucketed(outcomes, eloBuckets, o => o.elo)
  const byPly = bucketed(outcomes, plyBuckets, o => o.ply)
  const inBuckets = Object.entries({ ...byElo, ...byPly }).flatMap(([bucket, shares]) => [
    [`${chessTags.top1}/${bucket}`, shares.top1] as const,
    [`${chessTags.top3}/${bucket}`, shares.top3] as const,
  ])
  const scalars = finite({
    [chessTags.legalRate]: all.legalRate,
    [chessTags.legalMass]: all.legalMass,
    [chessTags.top1]: all.top1,
    [chessTags.top3]: all.top3,
    ...Object.fromEntries(inBuckets),
    [chessTags.sensitivity]: elo?.mean ?? Number.NaN,
    [`${chessTags.sensitivity}/low`]: elo?.low ?? Number.NaN,
    [`${chessTags.sensitivity}/high`]: elo?.high ?? Number.NaN,
  })
  const details = { games, all, byElo, byPly, eloSensitivity: elo ?? null, positions: outcomes }
  return { scalars, details }
}
