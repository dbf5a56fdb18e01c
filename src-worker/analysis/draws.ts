// The noise of a curve as draws: each draw is a curve that the data could as well have shown. Two sources, added:
// - seeds: with several seeds at a length, s/√S·t, where s is pooled over the lengths (so two seeds at four lengths have four
//   degrees of freedom, not one) and each draw shares one χ² (the joint t of the pooled-variance interval). When Bartlett's test
//   rejects equal variances at 1 ‰, each length with three seeds or more keeps its own s.
// - held-out units: documents, games or test batches resampled with replacement, the same ones for all runs that were tested
//   on the same set, so that their common luck cancels in differences. Deviations are widened by t/z·√(n/(n−1))
//   (Hesterberg 2015, "expanded percentile"), for a plain percentile bootstrap is too narrow when units are few.
// Any quantile over draws of any function of the curve is then an interval for that function.

import type { HeldOut, HeldOutUnit } from '../contract/analysed-run'
import { type Rng, rng } from '../stream/rng'
import { chiSquaredDraw, mean, sum, t975 } from './numbers'
import { type SampledPoint, type SeedNoise, seedNoise } from './seed-noise'
import { drawnTrend } from './seed-trend'

export interface PointDraws {
  readonly over: 'seeds' | 'units' | 'seeds and units'
  readonly seeds: number
  readonly units: number
  readonly unit: HeldOutUnit | null
  /** [draws] the point's value plus noise */
  readonly values: Float64Array
}

/** More units than this are joined into blocks of neighbours: the same interval in less time. */
const maxUnits = 256

interface Member {
  readonly column: Float64Array
  readonly deviation: number
  readonly trend: SeedNoise['trend']
  readonly seeds: number
}

/** Adds s/√S·t to each point. Points that share a pooled variance share its χ² draw. */
function addSeedNoise(
  values: readonly Float64Array[],
  points: readonly SampledPoint[],
  noise: readonly (SeedNoise | undefined)[],
  random: Rng,
): void {
  const pools = new Map<string, { freedom: number; members: Member[] }>()
  for (const [i, point] of points.entries()) {
    const of = noise[i]
    const column = values[i]
    if (of === undefined || column === undefined || of.deviation === 0) continue
    const key = `${point.kind} ${of.deviation}`
    const pool = pools.get(key) ?? { freedom: of.freedom, members: [] }
    pools.set(key, pool)
    const { deviation, trend } = of
    pool.members.push({ column, deviation, trend, seeds: point.seeds.length })
  }
  for (const { freedom, members } of pools.values())
    for (let r = 0; r < (values[0]?.length ?? 0); r++) {
      const scale = Math.sqrt(freedom / chiSquaredDraw(random, freedom))
      const [first] = members
      // one draw of the trend for all lengths that share it
      const drawn = first?.trend && drawnTrend(first.trend.of, random)
      for (const { column, deviation, trend, seeds } of members) {
        const own = drawn && trend ? drawn(trend.x) : deviation
        column[r] = (column[r] ?? 0) + (own / Math.sqrt(seeds)) * scale * random.normal()
      }
    }
}

interface Units {
  readonly key: string
  readonly sums: Float64Array
  readonly counts: Float64Array
}

/** Held-out sums in at most maxUnits blocks of neighbours. */
function blocks(heldOut: HeldOut, key: string): Units {
  const n = heldOut.sums.length
  const size = Math.min(n, maxUnits)
  const sums = new Float64Array(size)
  const counts = new Float64Array(size)
  for (let i = 0; i < n; i++) {
    const b = Math.floor((i * size) / n)
    sums[b] = (sums[b] ?? 0) + (heldOut.sums[i] ?? 0)
    counts[b] = (counts[b] ?? 0) + (heldOut.counts[i] ?? 0)
  }
  return { key, sums, counts }
}

/** How often each of n units is drawn when n are drawn with replacement, for every draw: [draws][n]. */
function resamples(n: number, draws: number, random: Rng): Uint8Array[] {
  return Array.from({ length: draws }, () => {
    const times = new Uint8Array(n)
    for (let i = 0; i < n; i++) {
      const at = Math.floor((random.word() / 4294967296) * n)
      times[at] = (times[at] ?? 0) + 1
    }
    return times
  })
}

/** Adds the widened bootstrap deviation of one run, times `share`, to a column. */
function addUnitNoise(
  column: Float64Array,
  units: Units,
  times: readonly Uint8Array[],
  share: number,
): void {
  const n = units.sums.length
  const centre = sum(units.sums) / sum(units.counts)
  const widen = share * (t975(n - 1) / 1.959964) * Math.sqrt(n / (n - 1)) || 0
  for (const [r, weights] of times.entries()) {
    let total = 0
    let count = 0
    for (let i = 0; i < n; i++) {
      const w = weights[i] ?? 0
      total += w * (units.sums[i] ?? 0)
      count += w * (units.counts[i] ?? 0)
    }
    if (count > 0) column[r] = (column[r] ?? 0) + widen * (total / count - centre)
  }
}

/** The units that count, each as its mean. */
const meansOf = ({ sums, counts }: HeldOut): number[] =>
  sums.flatMap((x, i) => ((counts[i] ?? 0) > 0 ? [x / (counts[i] ?? 1)] : []))

const isYesOrNo = (mean: number): boolean => Math.abs(mean) === 0 || Math.abs(mean) === 1

/**
 * Usable when not all units are the same (of 128 games without a legal move a bootstrap would say that there is no noise at
 * all), and at least five count. Of a yes or no two are enough: their noise is known to be large.
 */
function usable(heldOut: HeldOut | undefined): boolean {
  if (heldOut === undefined) return false
  const means = meansOf(heldOut)
  const least = means.every(isYesOrNo) ? 2 : 5
  return means.length >= least && means.some(m => m !== means[0])
}

/** Of a yes or no that came out the same for all n units; undefined: it did not, or is none. */
function constantUnits(heldOut: HeldOut | undefined): number | undefined {
  const means = heldOut === undefined ? [] : meansOf(heldOut)
  const [first] = means
  const isConstant = first !== undefined && isYesOrNo(first) && means.every(m => m === first)
  return isConstant ? means.length : undefined
}

const isKnown = ({ heldOut }: SampledPoint['seeds'][number]): boolean =>
  usable(heldOut) || constantUnits(heldOut) !== undefined

/** 0 of n yes: Beta(1, n) to either side, whose 95 % end is the rule of three, 3/n; times `share`. */
function addConstantNoise(column: Float64Array, n: number, share: number, random: Rng): void {
  for (let r = 0; r < column.length; r++) {
    const side = random.uniform() < 0.5 ? -share : share
    column[r] = (column[r] ?? 0) + side * (1 - random.uniform() ** (1 / n))
  }
}

/** Seeds whose units were all the same way. They share their units, and so their luck: one draw is for all of them. */
function addConstantSeeds(
  column: Float64Array | undefined,
  { seeds }: SampledPoint,
  random: Rng,
): boolean {
  const units = seeds.flatMap(seed => constantUnits(seed.heldOut) ?? [])
  if (column === undefined || units.length === 0 || !seeds.every(isKnown)) return false
  addConstantNoise(column, Math.max(...units), units.length / seeds.length, random)
  return true
}

/** Units of every run by resampling group, so that each group's resamples are made once. */
function unitGroups(
  points: readonly SampledPoint[],
): Map<string, { point: number; units: Units }[]> {
  const groups = new Map<string, { point: number; units: Units }[]>()
  for (const [point, { seeds }] of points.entries()) {
    if (!seeds.every(isKnown)) continue
    for (const [k, { heldOut }] of seeds.entries()) {
      if (heldOut === undefined || !usable(heldOut)) continue
      const alone = heldOut.set === '' ? `${point}/${k}` : heldOut.set
      const key = `${alone} ${heldOut.sums.length}`
      groups.set(key, [...(groups.get(key) ?? []), { point, units: blocks(heldOut, key) }])
    }
  }
  return groups
}

/**
 * [points] draws of every point, or null for a point whose noise is unknown. Deterministic for a seed label.
 * Values may be any metric; lower or higher better makes no difference here.
 */
export function curveDraws(
  points: readonly SampledPoint[],
  draws: number,
  label: string,
): (PointDraws | null)[] {
  const values = points.map(p => new Float64Array(draws).fill(mean(p.seeds.map(s => s.value))))
  const noise = seedNoise(points)
  addSeedNoise(values, points, noise, rng(0, `${label} seeds`))
  const withUnits = new Set<number>()
  for (const [key, members] of unitGroups(points)) {
    const n = members[0]?.units.sums.length ?? 0
    const times = resamples(n, draws, rng(0, `${label} ${key}`))
    for (const { point, units } of members) {
      const column = values[point]
      if (column) addUnitNoise(column, units, times, 1 / (points[point]?.seeds.length ?? 1))
      withUnits.add(point)
    }
  }
  for (const [i, point] of points.entries())
    if (addConstantSeeds(values[i], point, rng(0, `${label} constant ${i}`))) withUnits.add(i)
  return points.map((point, i) => {
    const bySeeds = noise[i] !== undefined
    const byUnits = withUnits.has(i)
    const column = values[i]
    // seeds that agree exactly: of width 0, an interval would claim what it does not know
    const isKnown = byUnits || (bySeeds && noise[i]?.deviation !== 0)
    if (draws === 0 || column === undefined || !isKnown) return null
    const heldOut = byUnits ? point.seeds[0]?.heldOut : undefined
    return {
      over: bySeeds && byUnits ? 'seeds and units' : bySeeds ? 'seeds' : 'units',
      seeds: point.seeds.length,
      units: heldOut?.sums.length ?? 0,
      unit: heldOut?.unit ?? null,
      values: column,
    }
  })
}
