// All points of a curve → the few that are drawn.
import type { Series, XAxis } from '../contract/metrics'

/** Every point of one tag: arrays of equal length. */
export interface Curve {
  readonly step: Float64Array
  readonly x: Float64Array
  readonly y: Float64Array
}

export interface SeriesOptions {
  readonly x: XAxis
  readonly points: number
  readonly smoothing: number
  readonly from: number | null
  readonly to: number | null
  /** steps at which the run was resumed */
  readonly restarts: readonly number[]
}

type Numbers = ArrayLike<number>

/**
 * Debiased exponential moving average (the debiasing of Adam): constants pass through unchanged, the first value too.
 * Values that are not finite are passed over.
 */
export function smoothed(y: Numbers, weight: number): Float64Array {
  const means = new Float64Array(y.length)
  let [sum, norm] = [0, 0]
  for (let i = 0; i < y.length; i++) {
    const value = y[i] ?? Number.NaN
    if (Number.isFinite(value)) {
      sum = weight * sum + (1 - weight) * value
      norm = weight * norm + (1 - weight)
      means[i] = sum / norm
    } else means[i] = norm === 0 ? value : sum / norm
  }
  return means
}

/**
 * Indices of the least and the largest y in each of n/2 equal buckets, and both ends: no peak is lost.
 * @param at where to look, in order
 */
export function thinned(y: Numbers, n: number, at: Numbers = everywhere(y.length)): number[] {
  if (at.length <= n) return Array.from(at)
  const buckets = Math.max(1, Math.floor((n - 2) / 2))
  const kept: number[] = [at[0] ?? 0]
  const keep = (i: number): void => {
    if (i > (kept[kept.length - 1] ?? 0)) kept.push(i)
  }
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * at.length) / buckets)
    const to = Math.floor(((b + 1) * at.length) / buckets)
    let [low, high] = [at[from] ?? 0, at[from] ?? 0]
    for (let k = from; k < to; k++) {
      const i = at[k] ?? 0
      const value = y[i] ?? 0
      if (value < (y[low] ?? 0)) low = i
      if (value > (y[high] ?? 0)) high = i
    }
    keep(Math.min(low, high))
    keep(Math.max(low, high))
  }
  keep(at[at.length - 1] ?? 0)
  return kept
}

function everywhere(n: number): Uint32Array {
  const all = new Uint32Array(n)
  for (let i = 0; i < n; i++) all[i] = i
  return all
}

const pick = (values: Numbers, at: Numbers): number[] =>
  Array.from(at, i => values[i] ?? Number.NaN)

/** Indices of the points between two x, finite ones and others apart. */
function inside({ x, y }: Curve, from: number, to: number) {
  const finite = new Uint32Array(x.length)
  const others: number[] = []
  let n = 0
  for (let i = 0; i < x.length; i++) {
    const at = x[i] ?? Number.NaN
    if (at < from || at > to) continue
    if (Number.isFinite(y[i])) finite[n++] = i
    else others.push(i)
  }
  return { finite: finite.subarray(0, n), others }
}

export function seriesOf(run: string, tag: string, curve: Curve, options: SeriesOptions): Series {
  const { from, to, smoothing, points, restarts } = options
  const { x, y, step } = curve
  const { finite, others } = inside(curve, from ?? -Infinity, to ?? Infinity)
  const kept = thinned(y, points, finite)
  const restartAt = restarts.map(at => step.findIndex(s => s > at)).filter(i => i >= 0)
  return {
    run,
    tag,
    x: pick(x, kept),
    y: pick(y, kept),
    smooth: smoothing === 0 ? pick(y, kept) : pick(smoothed(y, smoothing), kept),
    notFinite: pick(x, others),
    restarts: pick(x, restartAt),
    points: finite.length + others.length,
  }
}
