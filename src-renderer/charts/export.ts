// A chart as a file: exactly what is plotted.
import { csvText } from '../../src-worker/shared/csv'
import type { LineChartSpec } from './chart-spec'
import { type EChartsCoreOption, init } from './echarts'

/** One row a point: series, x, y and the smoothed y where there is one. */
export function csvOf(spec: LineChartSpec): string {
  const rows = spec.series.flatMap(s => [
    ...Array.from(s.x, (x, i) => [s.name, x, s.y[i], s.smooth?.[i]]),
    ...Array.from(s.notFinite ?? [], x => [s.name, x, 'NaN', undefined]),
  ])
  const head = ['series', spec.x.name, spec.y.name, 'smoothed']
  return csvText([head, ...rows])
}

/** Drawn without a page, so that nothing of it enters ours. */
export function svgOf(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption(option)
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}

/** A file name from a label: "Loss, nats per token" → "loss-nats-per-token" */
export const fileName = (label: string): string =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80) || 'chart'
