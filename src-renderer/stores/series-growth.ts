// Appends live metric lines to a down-sampled series, continuing its debiased moving average exactly.
import type { MetricLine, Series, XAxis } from '../../src-worker/contract/metrics'

interface Growth {
  readonly x: XAxis
  readonly smoothing: number
  readonly points: number
}

const xOf: Record<XAxis, (line: MetricLine) => number> = {
  step: line => line.step,
  tokens: line => line.tokens,
  time: line => line.seconds,
}

/**
 * Append in place (plain arrays: a chart redraws from them once a frame).
 *
 * Lines that are not newer than the last point are known already (a restart is read again as a whole).
 *
 * @returns false when the series holds too many points and should be read again
 */
export function grow(series: Series, lines: readonly MetricLine[], growth: Growth): boolean {
  for (const line of lines) {
    const value = line.values[series.tag]
    if (value === undefined) continue
    const x = xOf[growth.x](line)
    const last = Math.max(lastOf(series.x), lastOf(series.notFinite))
    if (x <= last) continue
    if (typeof value === 'number') append(series, x, value, growth.smoothing)
    else series.notFinite.push(x)
  }
  return series.x.length <= growth.points * 2
}

const lastOf = (x: readonly number[]) => x.at(-1) ?? Number.NEGATIVE_INFINITY

/** m ← s·m + (1−s)·y;  shown: m / (1 − sⁿ), n finite points so far (Kingma & Ba 2015, §3, as TensorBoard does) */
function append(series: Series, x: number, y: number, s: number) {
  const shown = series.smooth.at(-1) ?? 0
  const n = series.points + 1
  const moving = s * shown * (1 - s ** series.points) + (1 - s) * y
  series.x.push(x)
  series.y.push(y)
  series.smooth.push(s === 0 ? y : moving / (1 - s ** n))
  series.points = n
}
