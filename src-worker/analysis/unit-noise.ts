// The noise of a test: held-out units (documents, games or test batches) resampled with replacement, the same ones for all
// runs that were tested on the same set, so that their common luck cancels in differences. Deviations are widened by
// t/z·√(m/(m−1)) (Hesterberg 2015, "expanded percentile"), for a plain percentile bootstrap is too narrow when units are few;
// m is the number of units of equal size that say as much (Kish 1965). What differs between units from seed to seed is in the
// noise of seeds already: it is taken out here (the pigeonhole bootstrap counts it twice: Owen 2007, §3).
import type { HeldOut } from '../contract/analysed-run'
import type { Rng } from '../stream/rng'
import { mean, sum, t975 } from './numbers'
import type { SampledPoint } from './seed-noise'

/** More units than this are joined into blocks of neighbours: the same interval in less time. */
const maxUnits = 256

export interface Units {
  readonly sums: Float64Array
  readonly counts: Float64Array
}

/** Held-out sums in at most maxUnits blocks of neighbours. */
export function blocks(heldOut: HeldOut): Units {
  const n = heldOut.sums.length
  const size = Math.min(n, maxUnits)
  const sums = new Float64Array(size)
  const counts = new Float64Array(size)
  for (let i = 0; i < n; i++) {
    const b = Math.floor((i * size) / n)
    sums[b] = (sums[b] ?? 0) + (heldOut.sums[i] ?? 0)
    counts[b] = (counts[b] ?? 0) + (heldOut.counts[i] ?? 0)
  }
  return { sums, counts }
}

/** How often each of n units is drawn when n are drawn with replacement, for every draw: [draws][n]. */
export function resamples(n: number, draws: number, random: Rng): Uint8Array[] {
  return Array.from({ length: draws }, () => {
    const times = new Uint8Array(n)
    for (let i = 0; i < n; i++) {
      const at = Math.floor((random.word() / 4294967296) * n)
      times[at] = (times[at] ?? 0) + 1
    }
    return times
  })
}

/** Units of equal size that would say as much: (Σ c)² / Σ c² (Kish 1965, §8.2); two at least, or no t would be finite. */
const effective = ({ counts }: Units): number =>
  Math.max(2, sum(counts) ** 2 / sum(counts.map(c => c * c)))

/** Adds the widened bootstrap deviation of one run, times `share`, to a column. */
export function addUnitNoise(
  column: Float64Array,
  units: Units,
  times: readonly Uint8Array[],
  share: number,
): void {
  const n = units.sums.length
  const m = effective(units)
  const centre = sum(units.sums) / sum(units.counts)
  const widen = share * (t975(m - 1) / 1.959964) * Math.sqrt(m / (m - 1)) || 0
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

const isYesOrNo = (value: number): boolean => Math.abs(value) === 0 || Math.abs(value) === 1

/**
 * Usable when not all units are the same (of 128 games without a legal move a bootstrap would say that there is no noise at
 * all), and at least five count. Of a yes or no two are enough: their noise is known to be large.
 */
export function usable(heldOut: HeldOut | undefined): heldOut is HeldOut {
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

export const isKnown = ({ heldOut }: SampledPoint['seeds'][number]): boolean =>
  usable(heldOut) || constantUnits(heldOut) !== undefined

/** 0 of n yes: Beta(1, n) to either side, whose 95 % end is the rule of three, 3/n; times `share`. */
function addConstantNoise(column: Float64Array, n: number, share: number, random: Rng): void {
  for (let r = 0; r < column.length; r++) {
    const side = random.uniform() < 0.5 ? -share : share
    column[r] = (column[r] ?? 0) + side * (1 - random.uniform() ** (1 / n))
  }
}

/** Seeds whose units were all the same way. They share their units, and so their luck: one draw is for all of them. */
export function addConstantSeeds(
  column: Float64Array | undefined,
  { seeds }: SampledPoint,
  random: Rng,
): boolean {
  const units = seeds.flatMap(seed => constantUnits(seed.heldOut) ?? [])
  if (column === undefined || units.length === 0 || !seeds.every(isKnown)) return false
  addConstantNoise(column, Math.max(...units), units.length / seeds.length, random)
  return true
}

/** The noise of one length's units, as variances of its mean over seeds. */
interface Parts {
  readonly seeds: number
  /** of what the resampling shows */
  readonly all: number
  /** of this, what differs from seed to seed */
  readonly own: number
}

/** By the deviation of each unit of each seed, linearised: two-way analysis of variance. undefined: its seeds are not paired. */
function partsOf({ seeds }: SampledPoint): Parts | undefined {
  const tested = seeds.flatMap(({ heldOut }) => (usable(heldOut) ? [heldOut] : []))
  const [first] = tested
  const isPair = (other: HeldOut): boolean =>
    other.set === first?.set && other.sums.length === first.sums.length
  if (first === undefined || first.set === '' || seeds.length < 2) return undefined
  if (tested.length < seeds.length || !tested.every(isPair)) return undefined
  const deviations = tested.map(heldOut => {
    const { sums, counts } = blocks(heldOut)
    const [all, centre] = [sum(counts), sum(sums) / sum(counts)]
    return sums.map((x, i) => (x - centre * (counts[i] ?? 0)) / all)
  })
  let [all, own] = [0, 0]
  for (let i = 0; i < (deviations[0]?.length ?? 0); i++) {
    const unit = deviations.map(d => d[i] ?? 0)
    const centre = mean(unit)
    all += centre ** 2
    own += sum(unit.map(x => (x - centre) ** 2)) / (unit.length * (unit.length - 1))
  }
  return { seeds: seeds.length, all, own }
}

/**
 * By point: what is left of the deviations of its units once what the noise of seeds has of them is taken out, 0 … 1. The
 * noise of seeds is pooled over the lengths, so it has no more than their usual share; what one length has beyond stays.
 */
export function sharedParts(points: readonly SampledPoint[]): number[] {
  const parts = points.map(point => (point.kind === 'trained' ? partsOf(point) : undefined))
  const known = parts.filter(part => part !== undefined)
  const freedom = sum(known.map(({ seeds }) => seeds - 1))
  // of one seed, as the variance of one run
  const usual = sum(known.map(({ seeds, own }) => (seeds - 1) * seeds * own)) / freedom
  return parts.map(part => {
    if (part === undefined || part.all === 0) return 1
    const twice = Math.min(part.own, usual / part.seeds)
    return Math.sqrt(Math.max(0, 1 - twice / part.all))
  })
}
