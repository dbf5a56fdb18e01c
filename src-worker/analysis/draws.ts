// The noise of a curve as draws: each draw is a curve that the data could as well have shown. Two sources, added:
// - seeds: with several seeds at a length, s/√S·t, where s is pooled over the lengths (so two seeds at four lengths have four
//   degrees of freedom, not one) and each draw shares one χ² (the joint t of the pooled-variance interval). When Bartlett's test
//   rejects equal variances at 1 ‰, each length with three seeds or more keeps its own s.
// - held-out units (unit-noise.ts), resampled in pairs.
// Any quantile over draws of any function of the curve is then an interval for that function.

import type { HeldOutUnit } from '../contract/analysed-run'
import { type Rng, rng } from '../stream/rng'
import { chiSquaredDraw, mean } from './numbers'
import { type SampledPoint, type SeedNoise, seedNoise } from './seed-noise'
import { drawnTrend } from './seed-trend'
import {
  addConstantSeeds,
  addUnitNoise,
  blocks,
  isKnown,
  resamples,
  sharedParts,
  type Units,
  usable,
} from './unit-noise'

export interface PointDraws {
  readonly over: 'seeds' | 'units' | 'seeds and units'
  readonly seeds: number
  readonly units: number
  readonly unit: HeldOutUnit | null
  /** [draws] the point's value plus noise */
  readonly values: Float64Array
}

interface Member {
  readonly column: Float64Array
  readonly noise: SeedNoise
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
    pool.members.push({ column, noise: of, seeds: point.seeds.length })
  }
  for (const { freedom, members } of pools.values())
    for (let r = 0; r < (values[0]?.length ?? 0); r++) {
      const scale = Math.sqrt(freedom / chiSquaredDraw(random, freedom))
      const [first] = members
      // one draw of the trend for all lengths that share it
      const drawn = first?.noise.trend && drawnTrend(first.noise.trend.of, random)
      for (const { column, noise: own, seeds } of members) {
        const deviation = drawn && own.trend ? drawn(own.trend.x) : own.deviation
        const spread = Math.min(deviation * own.scale * scale, own.most)
        column[r] = (column[r] ?? 0) + (spread / Math.sqrt(seeds)) * random.normal()
      }
    }
}

/** Units of every run by resampling group, so that each group's resamples are made once. */
function unitGroups(
  points: readonly SampledPoint[],
): Map<string, { point: number; units: Units }[]> {
  const groups = new Map<string, { point: number; units: Units }[]>()
  for (const [point, { seeds }] of points.entries()) {
    if (!seeds.every(isKnown)) continue
    for (const [k, { heldOut }] of seeds.entries()) {
      if (!usable(heldOut)) continue
      const alone = heldOut.set === '' ? `${point}/${k}` : heldOut.set
      const key = `${alone} ${heldOut.sums.length}`
      groups.set(key, [...(groups.get(key) ?? []), { point, units: blocks(heldOut) }])
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
  const parts = sharedParts(points)
  for (const [key, members] of unitGroups(points)) {
    const n = members[0]?.units.sums.length ?? 0
    const times = resamples(n, draws, rng(0, `${label} ${key}`))
    for (const { point, units } of members) {
      const column = values[point]
      // seeds that agree by chance bring no noise that could hold a part of this
      const isTwice = (noise[point]?.deviation ?? 0) > 0
      const share = (isTwice ? (parts[point] ?? 1) : 1) / (points[point]?.seeds.length ?? 1)
      if (column) addUnitNoise(column, units, times, share)
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
