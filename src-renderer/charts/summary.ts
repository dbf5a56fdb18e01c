// A chart in a sentence, for those who do not see it.
import { measure, plural } from '../text/format'
import type { LineChartSpec } from './chart-spec'

const most = 6

export function summaryOf(spec: LineChartSpec): string {
  const formatX = spec.x.format ?? measure
  const formatY = spec.y.format ?? measure
  const drawn = spec.series.filter(s => s.x.length > 0)
  if (drawn.length === 0) return `${spec.label}: no points yet.`
  const shown = drawn.slice(0, most).map(s => {
    const ys = s.smooth ?? s.y
    const range = `${formatY(ys[0] ?? 0)} at ${formatX(s.x[0] ?? 0)}`
    const last = `${formatY(ys.at(-1) ?? 0)} at ${formatX(s.x.at(-1) ?? 0)}`
    return `${s.name}: from ${range} to ${last}`
  })
  const rest = drawn.length > most ? ` and ${plural(drawn.length - most, 'more line')}` : ''
  return `${spec.label} against ${spec.x.name}. ${shown.join('; ')}${rest}.`
}
