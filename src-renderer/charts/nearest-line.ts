// The line that a pointer is at. Pure.
import { type ChartAxis, type ChartSeries, type LineChartSpec, placeOf } from './chart-spec'

/** Pixels of a point of the plot. */
export type ToPixels = (x: number, y: number) => readonly [x: number, y: number] | undefined

/** further away a line is not meant, pixels */
const reach = 16

/** y of the line as it is drawn, straight between its points; undefined before its first and after its last. */
function heightAt({ x, y, smooth }: ChartSeries, axis: ChartAxis, at: number): number | undefined {
  const place = (i: number): number => placeOf(x[i] ?? 0, axis)
  let [low, high] = [0, x.length - 1]
  if (high < 0 || at < place(0) || at > place(high)) return undefined
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (place(middle) <= at) low = middle
    else high = middle
  }
  const drawn = smooth ?? y
  const [x0, x1, y0, y1] = [place(low), place(high), drawn[low] ?? 0, drawn[high] ?? 0]
  return x1 === x0 ? y0 : y0 + ((at - x0) / (x1 - x0)) * (y1 - y0)
}

/** @param at place on the x axis under the pointer @param pointer its pixels @returns id of a series */
export function nearestLine(
  spec: LineChartSpec,
  at: number,
  pointer: readonly [x: number, y: number],
  toPixels: ToPixels,
): string | undefined {
  let best: { id: string; away: number } | undefined
  for (const series of spec.series) {
    const height = heightAt(series, spec.x, at)
    const pixels = height === undefined ? undefined : toPixels(at, height)
    const away = pixels === undefined ? reach : Math.abs(pixels[1] - pointer[1])
    if (away < (best?.away ?? reach)) best = { id: series.id, away }
  }
  return best?.id
}
