// Axes and tooltip of a line chart. Pure.
import { measure } from '../text/format'
import {
  type ChartAxis,
  type LineChartSpec,
  type LineLook,
  tokenPlace,
  tokensAt,
} from './chart-spec'
import type { Palette } from './palette'

export function xAxis(spec: LineChartSpec, palette: Palette, look: LineLook) {
  const { x } = spec
  const format = x.format ?? measure
  const points = spec.series.flatMap(s => s.x)
  const lengths = [...new Set([...points, ...(x.places ?? [])])].sort((a, b) => a - b)
  const label = { color: palette.muted, fontSize: 11, hideOverlap: true, showMinLabel: true }
  const common = {
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisPointer: { lineStyle: { color: palette.muted } },
  }
  if (x.scale === 'tokens')
    return {
      ...common,
      type: 'value',
      min: tokenPlace(lengths[0] ?? 0) - 0.3,
      max: tokenPlace(lengths.at(-1) ?? 1) + 0.3,
      axisLabel: {
        ...label,
        customValues: lengths.map(tokenPlace),
        formatter: (place: number) => format(tokensAt(place)),
      },
    }
  const [from, to] = look.view ?? [x.min ?? 'dataMin', x.max ?? 'dataMax']
  return {
    ...common,
    type: x.scale === 'log' ? 'log' : 'value',
    ...(x.scale === 'log' && from === 0 ? {} : { min: from }),
    max: to,
    // half a step would be called by the next
    ...(x.whole && x.scale === 'linear' ? { minInterval: 1 } : {}),
    splitNumber: look.small ? 2 : 6,
    axisLabel: { ...label, show: !look.small, formatter: format },
  }
}

export function yAxis(y: ChartAxis, palette: Palette) {
  return {
    type: y.scale === 'log' ? 'log' : 'value',
    scale: true,
    ...(y.min === undefined ? {} : { min: y.min }),
    ...(y.max === undefined ? {} : { max: y.max }),
    splitNumber: 5,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.line } },
    axisLabel: {
      color: palette.muted,
      fontSize: 11,
      hideOverlap: true,
      formatter: (value: number) => rounded((y.format ?? measure)(value)),
    },
  }
}

/** Just the highest and the lowest value that is drawn. */
export function smallYAxis(spec: LineChartSpec, palette: Palette) {
  const drawn = spec.series.flatMap(s => [...(s.smooth ?? s.y)]).filter(Number.isFinite)
  const [low, high] = drawn.length > 0 ? extentOf(drawn) : [0, 1]
  // a constant gets a place in the middle
  const room = high - low > 1e-9 * Math.abs(high) ? 0 : Math.abs(high) * 0.1 || 1
  const [min, max] = [low - room, high + room]
  return { ...yAxis(spec.y, palette), type: 'value', min, max, interval: max - min }
}

function extentOf(values: readonly number[]): readonly [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

/** 3.400 → 3.4: ticks are round numbers */
const rounded = (text: string) => text.replace(/(\.\d*?)0+(?!\d)/, '$1').replace(/\.(?!\d)/, '')

/** lines in a tooltip */
const mostNamed = 12

interface TooltipRow {
  readonly seriesId: string
  readonly seriesName: string
  readonly value: readonly [x: number, y: number]
}

/** Rich text, drawn on the canvas: names of models and runs never become HTML. */
export function tooltip(spec: LineChartSpec, palette: Palette) {
  const formatX = spec.x.format ?? measure
  const formatY = spec.y.format ?? measure
  const xText = (x: number) => formatX(spec.x.scale === 'tokens' ? tokensAt(x) : x)
  return {
    trigger: 'axis',
    renderMode: 'richText',
    confine: true,
    backgroundColor: palette.raised,
    borderColor: palette.line,
    textStyle: { color: palette.text, fontSize: 12, fontFamily: palette.font },
    axisPointer: { type: 'line', label: { show: false } },
    formatter: (rows: readonly TooltipRow[]) => {
      const all = rows.filter(row => row.seriesId.endsWith('|front'))
      const isStrong = (row: TooltipRow) => row.seriesId === `${spec.strong}|front`
      // the line that is meant comes first; of hundreds, only some fit beside the pointer
      const shown = [...all].sort((a, b) => Number(isStrong(b)) - Number(isStrong(a)))
      if (!shown[0]) return ''
      const head = `${spec.x.name} ${xText(shown[0].value[0])}`
      const lines = shown
        .slice(0, mostNamed)
        .map(r => `${isStrong(r) ? '▸ ' : ''}${unmarked(r.seriesName)}  ${formatY(r.value[1])}`)
      const rest = shown.length > mostNamed ? [`and ${shown.length - mostNamed} more`] : []
      return [head, ...lines, ...rest].join('\n')
    },
  }
}

/** Braces and bars mean styles in ECharts' rich text. */
const unmarked = (name: string) => name.replace(/[{}|]/g, ' ')
