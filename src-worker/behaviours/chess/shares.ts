// Outcomes at single positions → shares, overall and by Elo of the player to move and by ply.
import {
  type BehaviourMeasures,
  finite,
  type Interval,
  meanOf,
  sharesOf,
  unitSums,
} from '../../sample/measured'
import type { UnitSums } from '../../shared/unit-sums'

export const chessTags = {
  legalRate: 'Legal move rate',
  legalMass: 'Legal move probability',
  top1: 'Top-1 match',
  top3: 'Top-3 match',
  laterTop1: 'Top-1 match from ply 10',
  laterChance: 'Match of a random legal move from ply 10',
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
  /** legal moves that there are */
  readonly choices: number
  /** −log₂ p of the played move */
  readonly bits: number
  readonly legalMass: number
  /** what it would write greedily is a legal move */
  readonly legal: boolean
}

export interface EloSensitivity extends Interval {
  /** loss with the true Elos minus loss with those of another game, of each game, nats a token */
  readonly differences: readonly number[]
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

/** Openings can be learnt by heart: what counts comes later. */
const isLater = (o: PositionOutcome): boolean => o.ply >= 10

interface Shares {
  readonly n: number
  readonly legalRate: number
  readonly legalMass: number
  readonly top1: number
  readonly top3: number
  readonly bits: number
}

const countsOf = (outcomes: readonly PositionOutcome[]): Shares => ({
  n: outcomes.length,
  legalRate: meanOf(outcomes.map(o => Number(o.legal))),
  legalMass: meanOf(outcomes.map(o => o.legalMass)),
  top1: meanOf(outcomes.map(o => Number(o.rank === 1))),
  top3: meanOf(outcomes.map(o => Number(o.rank <= 3))),
  bits: meanOf(outcomes.map(o => o.bits)),
})

type Buckets = typeof eloBuckets
type Of = (outcome: PositionOutcome) => number

const inside = (outcomes: readonly PositionOutcome[], [, low, high]: Buckets[number], of: Of) =>
  outcomes.filter(o => of(o) >= low && of(o) < high)

function bucketed(outcomes: readonly PositionOutcome[], buckets: Buckets, of: Of) {
  const entries = buckets.map(
    bucket => [bucket[0], countsOf(inside(outcomes, bucket, of))] as const,
  )
  return Object.fromEntries(entries.filter(([, counts]) => counts.n > 0))
}

/** Positions of one game are alike, so games are what can be resampled. */
function sharesByGame(
  outcomes: readonly PositionOutcome[],
  games: number,
  elo: EloSensitivity | undefined,
): Record<string, UnitSums> {
  const by = (of: readonly PositionOutcome[], value: Of): UnitSums =>
    unitSums(
      games,
      of.map(o => [o.game, value(o)]),
    )
  const top = (of: readonly PositionOutcome[], end: string) => ({
    [chessTags.top1 + end]: by(of, o => Number(o.rank === 1)),
    [chessTags.top3 + end]: by(of, o => Number(o.rank <= 3)),
  })
  const parts: readonly (readonly [Buckets, Of])[] = [
    [eloBuckets, o => o.elo],
    [plyBuckets, o => o.ply],
  ]
  const inBuckets = parts.flatMap(([buckets, of]) =>
    buckets.map(bucket => top(inside(outcomes, bucket, of), `/${bucket[0]}`)),
  )
  const sensitive = elo?.differences.map((d, game) => [game, d] as const)
  return {
    [chessTags.legalRate]: by(outcomes, o => Number(o.legal)),
    [chessTags.legalMass]: by(outcomes, o => o.legalMass),
    ...top(outcomes, ''),
    [chessTags.laterTop1]: by(outcomes.filter(isLater), o => Number(o.rank === 1)),
    [chessTags.laterChance]: by(outcomes.filter(isLater), o => 1 / o.choices),
    ...Object.assign({}, ...inBuckets),
    ...(sensitive ? { [chessTags.sensitivity]: unitSums(games, sensitive) } : {}),
  }
}

export function chessMeasured(
  outcomes: readonly PositionOutcome[],
  games: number,
  elo: EloSensitivity | undefined,
): BehaviourMeasures {
  const shares = sharesByGame(outcomes, games, elo)
  const scalars = {
    ...sharesOf(shares),
    ...finite({
      [chessTags.sensitivity]: elo?.mean ?? Number.NaN,
      [`${chessTags.sensitivity}/low`]: elo?.low ?? Number.NaN,
      [`${chessTags.sensitivity}/high`]: elo?.high ?? Number.NaN,
    }),
  }
  const byElo = bucketed(outcomes, eloBuckets, o => o.elo)
  const byPly = bucketed(outcomes, plyBuckets, o => o.ply)
  const all = countsOf(outcomes)
  const details = { games, all, byElo, byPly, eloSensitivity: elo ?? null, positions: outcomes }
  return { scalars, shares, details }
}
