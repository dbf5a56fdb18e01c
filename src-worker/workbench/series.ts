// Series for charts: all points are read, smoothed on the full data, then thinned to about two a pixel.
import { stat } from 'node:fs/promises'
import type { MetricLine, Series, XAxis } from '../contract/metrics'
import { readMetrics } from '../train/metrics-file'
import { runFiles } from '../train/run-folder'

/** Every point of one tag. Plain arrays of equal length. */
interface Points {
  readonly step: number[]
  readonly tokens: number[]
  readonly seconds: number[]
  readonly y: number[]
}

export interface SeriesReader {
  read(folder: string, run: string, tag: string, options: SeriesOptions): Promise<Series>
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

function addLine(into: Map<string, Points>, line: MetricLine): void {
  for (const [tag, value] of Object.entries(line.values)) {
    let points = into.get(tag)
    if (points === undefined) {
      points = { step: [], tokens: [], seconds: [], y: [] }
      into.set(tag, points)
    }
    points.step.push(line.step)
    points.tokens.push(line.tokens)
    points.seconds.push(line.seconds)
    points.y.push(Number(value))
  }
}

async function readAll(folder: string): Promise<ReadonlyMap<string, Points>> {
  const byTag = new Map<string, Points>()
  for await (const line of readMetrics(folder)) addLine(byTag, line)
  return byTag
}

/**
 * Debiased exponential moving average (the debiasing of Adam): constants pass through unchanged, the first value too.
 * Values that are not finite are passed over.
 */
export function smoothed(y: readonly number[], weight: number): number[] {
  let [sum, norm] = [0, 0]
  return y.map(value => {
    if (!Number.isFinite(value)) return norm === 0 ? value : sum / norm
    sum = weight * sum + (1 - weight) * value
    norm = weight * norm + (1 - weight)
    return sum / norm
  })
}

/** Indices of the least and the largest y in each of n/2 equal buckets, and both ends: no peak is lost. */
export function thinned(y: readonly number[], n: number): number[] {
  if (y.length <= n) return y.map((_, i) => i)
  const buckets = Math.max(1, Math.floor((n - 2) / 2))
  const kept = new Set([0, y.length - 1])
  for (let b = 0; b < buckets; b++) {
    const [from, to] = [b, b + 1].map(k => Math.floor((k * y.length) / buckets))
    let [low, high] = [from ?? 0, from ?? 0]
    for (let i = from ?? 0; i < (to ?? 0); i++) {
      if ((y[i] ?? 0) < (y[low] ?? 0)) low = i
      if ((y[i] ?? 0) > (y[high] ?? 0)) high = i
    }
    kept.add(low).add(high)
  }
  return [...kept].sort((a, b) => a - b)
}

const pick = (values: readonly number[], at: readonly number[]): number[] =>
  at.map(i => values[i] ?? Number.NaN)

const xOf = (points: Points, axis: XAxis): readonly number[] =>
  axis === 'step' ? points.step : axis === 'tokens' ? points.tokens : points.seconds

function seriesOf(run: string, tag: string, points: Points, options: SeriesOptions): Series {
  const x = xOf(points, options.x)
  const smooth = smoothed(points.y, options.smoothing)
  const [from, to] = [
    options.from ?? Number.NEGATIVE_INFINITY,
    options.to ?? Number.POSITIVE_INFINITY,
  ]
  const inside = x.map((_, i) => i).filter(i => (x[i] ?? 0) >= from && (x[i] ?? 0) <= to)
  const finite = inside.filter(i => Number.isFinite(points.y[i]))
  const kept = thinned(pick(points.y, finite), options.points).map(k => finite[k] ?? 0)
  const restartAt = options.restarts.map(step => points.step.findIndex(s => s > step))
  return {
    run,
    tag,
    x: pick(x, kept),
    y: pick(points.y, kept),
    smooth: pick(smooth, kept),
    notFinite: pick(
      x,
      inside.filter(i => !Number.isFinite(points.y[i])),
    ),
    restarts: pick(
      x,
      restartAt.filter(i => i >= 0),
    ),
    points: inside.length,
  }
}

/** Keeps the points of files that did not change: an overlay of many runs is read once. */
export function openSeriesReader(): SeriesReader {
  const cache = new Map<string, { stamp: string; byTag: ReadonlyMap<string, Points> }>()
  return {
    read: async (folder, run, tag, options) => {
      const file = await stat(runFiles(folder).metrics).catch(() => undefined)
      const stamp = file === undefined ? '' : `${file.size} ${file.mtimeMs}`
      let held = cache.get(folder)
      if (held?.stamp !== stamp) {
        held = { stamp, byTag: file === undefined ? new Map() : await readAll(folder) }
        cache.delete(folder)
        cache.set(folder, held)
        if (cache.size > 256) cache.delete(cache.keys().next().value ?? '')
      }
      const empty: Points = { step: [], tokens: [], seconds: [], y: [] }
      return seriesOf(run, tag, held.byTag.get(tag) ?? empty, options)
    },
  }
}
