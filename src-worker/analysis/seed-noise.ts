// The noise of training: how far results of the same length differ with the seed, pooled over the lengths of a curve.
import type { HeldOut } from '../contract/analysed-run'
import { chiSquaredTail, squares, sum, variance } from './numbers'
import { type SeedTrend, seedTrend } from './seed-trend'

export interface SampledRun {
  readonly value: number
  readonly heldOut: HeldOut | undefined
}
export interface SampledPoint {
  /** lengths of one class share the seed variance */
  readonly kind: 'trained' | 'untrained' | 'baseline'
  readonly seeds: readonly SampledRun[]
  /** the values are shares, as costs: p or −p */
  readonly isShare?: boolean
}

export interface SeedNoise {
  /** in multiples of `scale` */
  readonly deviation: number
  /**
   * 1; of a share p, √(p(1−p)), the most that anything between 0 and 1 with this mean can deviate: what is never right varies as
   * little with the seed as what always is (the overdispersion of Williams 1982)
   */
  readonly scale: number
  /** that one seed deviates by: of a share its scale */
  readonly most: number
  readonly freedom: number
  /** pooled over lengths whose noise may change along the curve, and where this one is; absent: it does not change */
  readonly trend?: { readonly of: SeedTrend; readonly x: number }
}

const areShares = ({ isShare, seeds }: SampledPoint): boolean =>
  isShare === true && seeds.every(({ value }) => Math.abs(value) <= 1)

/** p is drawn in by one unit that was right and one that was not, so that no length is said to have no noise at all. */
function scaleOf(point: SampledPoint): number {
  if (!areShares(point)) return 1
  const { seeds } = point
  const units = sum(seeds.map(({ heldOut }) => heldOut?.sums.length ?? 1))
  const right = sum(
    seeds.map(({ value, heldOut }) => Math.abs(value) * (heldOut?.sums.length ?? 1)),
  )
  const p = (right + 1) / (units + 2)
  return Math.sqrt(p * (1 - p))
}

const hasOwnVariance = (seeds: readonly number[]): boolean => seeds.length > 2

/** Bartlett's test at 1 ‰: are the variances of these groups different? */
function areUnequal(groups: readonly (readonly number[])[]): boolean {
  if (groups.length < 2 || groups.some(g => variance(g) === 0)) return false
  const free = groups.map(g => g.length - 1)
  const total = sum(free)
  const pooled = sum(groups.map(g => squares(g))) / total
  const logs = sum(groups.map((g, i) => (free[i] ?? 0) * Math.log(variance(g))))
  const correction = 1 + (sum(free.map(f => 1 / f)) - 1 / total) / (3 * (groups.length - 1))
  const statistic = (total * Math.log(pooled) - logs) / correction
  return chiSquaredTail(statistic, groups.length - 1) < 0.001
}

/** The seeds of a point in multiples of its scale. */
const scaled = (point: SampledPoint | undefined): number[] =>
  point?.seeds.map(({ value }) => value / scaleOf(point)) ?? []

function trendOf(
  points: readonly SampledPoint[],
  members: readonly number[],
  place: (n: number) => number,
): SeedTrend | undefined {
  const spreads = members.map((i, n) => {
    const values = scaled(points[i])
    return { x: place(n), freedom: values.length - 1, squares: squares(values) }
  })
  return seedTrend(spreads.filter(s => s.freedom > 0))
}

/** Several seeds at some length, and all of one length the same: they say nothing of the noise of training. */
export function agreeExactly(points: readonly SampledPoint[]): boolean {
  const several = points.filter(({ seeds }) => seeds.length > 1)
  return (
    several.length > 0 &&
    several.every(({ seeds }) => seeds.every(s => s.value === seeds[0]?.value))
  )
}

/** Standard deviation over seeds of each point; undefined where it is unknown. */
export function seedNoise(points: readonly SampledPoint[]): (SeedNoise | undefined)[] {
  const noise: (SeedNoise | undefined)[] = points.map(() => undefined)
  for (const kind of ['trained', 'untrained', 'baseline'] as const) {
    const members = points.flatMap((p, i) => (p.kind === kind ? [i] : []))
    const groups = members.map(i => scaled(points[i])).filter(values => values.length > 1)
    const freedom = sum(groups.map(g => g.length - 1))
    if (freedom === 0) continue
    const pooled = sum(groups.map(g => squares(g))) / freedom
    // the baselines train nothing: equal values of several seeds say nothing about noise
    if (pooled === 0 && kind === 'baseline') continue
    const place = (n: number): number => (2 * n) / Math.max(1, members.length - 1) - 1
    const of =
      kind === 'trained' && members.length > 2 ? trendOf(points, members, place) : undefined
    const apart = areUnequal(groups.filter(hasOwnVariance))
    for (const [n, i] of members.entries()) {
      const point = points[i]
      if (point === undefined) continue
      const own = scaled(point)
      const scale = scaleOf(point)
      const shape = { scale, most: areShares(point) ? scale : Number.POSITIVE_INFINITY }
      noise[i] =
        apart && hasOwnVariance(own)
          ? { deviation: Math.sqrt(variance(own)), freedom: own.length - 1, ...shape }
          : {
              ...{ deviation: Math.sqrt(pooled), freedom, ...shape },
              ...(of === undefined ? {} : { trend: { of, x: place(n) } }),
            }
    }
  }
  return noise
}
