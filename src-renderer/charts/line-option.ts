// Series → the option of a line chart. Pure: same spec and palette, same option.
import { measure } from '../text/format'
import {
  type ChartAxis,
  type ChartSeries,
  type LineChartSpec,
  tokenPlace,
  tokensAt,
} from './chart-spec'
import type { EChartsCoreOption } from './echarts'
import { type Palette, seriesColour } from './palette'

export interface LineLook {
  /** a small chart: two labels an axis, no room around */
  readonly small?: boolean
  /** zoomed part of x */
  readonly view?: readonly [from: number, to: number] | null
}

const labelsInside = { outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' } as const

type Point = readonly [x: number, y: number]

export function lineOption(spec: LineChartSpec, palette: Palette, look: LineLook = {}) {
  const plotted = spec.series.filter(s => s.x.length > 0 || (s.notFinite?.length ?? 0) > 0)
  const floor = lowest(spec)
  const option: EChartsCoreOption = {
    animation: false,
    textStyle: { fontFamily: palette.font },
    grid: look.small
      ? { left: 4, right: 8, top: 8, bottom: 2, ...labelsInside }
      : { left: 4, right: 14, top: 10, bottom: 4, ...labelsInside },
    xAxis: xAxis(spec, palette, look),
    yAxis: look.small ? smallYAxis(spec, palette) : yAxis(spec.y, palette),
    tooltip: tooltip(spec, palette),
    series: [...plotted.flatMap(s => linesOf(s, spec, palette, floor)), ...levels(spec, palette)],
  }
  return option
}

const placed = (x: number, axis: ChartAxis) => (axis.scale === 'tokens' ? tokenPlace(x) : x)

/** A logarithmic axis has no place for zero and below. */
const fits = (value: number, axis: ChartAxis) => axis.scale !== 'log' || value > 0

function points(xs: readonly number[], ys: readonly number[], spec: LineChartSpec): Point[] {
  const found: Point[] = []
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] ?? Number.NaN
    const y = ys[i] ?? Number.NaN
    if (fits(x, spec.x) && fits(y, spec.y)) found.push([placed(x, spec.x), y])
  }
  return found
}

/** Where triangles for not-a-number stand: the lowest finite value. */
function lowest(spec: LineChartSpec): number {
  let low = Number.POSITIVE_INFINITY
  for (const s of spec.series) for (const y of s.y) if (y < low && fits(y, spec.y)) low = y
  return Number.isFinite(low) ? low : 1
}

function linesOf(s: ChartSeries, spec: LineChartSpec, palette: Palette, floor: number) {
  const colour = seriesColour(palette, s.colour)
  const back = spec.strong !== undefined && spec.strong !== s.id
  const width = spec.strong === s.id ? 3 : 2
  const common = { type: 'line', name: s.name, showSymbol: false, color: colour, silent: true }
  const front = {
    ...common,
    id: `${s.id}|front`,
    data: points(s.x, s.smooth ?? s.y, spec),
    lineStyle: { width, opacity: back ? 0.35 : 1, ...(s.dashed ? { type: 'dashed' } : {}) },
    ...dots(s, spec, colour, palette),
    markLine: restartMarks(s, spec, palette),
  }
  const behind = s.smooth && {
    ...common,
    id: `${s.id}|raw`,
    data: points(s.x, s.y, spec),
    lineStyle: { width: 1, opacity: back ? 0.1 : 0.3 },
    tooltip: { show: false },
  }
  const bad = s.notFinite?.length && {
    id: `${s.id}|nan`,
    name: s.name,
    type: 'scatter',
    symbol: 'triangle',
    symbolSize: 9,
    color: colour,
    data: s.notFinite.filter(x => fits(x, spec.x)).map(x => [placed(x, spec.x), floor]),
    tooltip: { show: false },
    silent: true,
  }
  return [s.band && band(s, spec, colour), behind, front, bad].filter(x => !!x)
}

function dots(s: ChartSeries, spec: LineChartSpec, colour: string, palette: Palette) {
  if (!s.dots && s.x.length > 1) return {}
  const hollow = new Set(s.hollow)
  const dot = (x: number, i: number) => ({
    value: [placed(x, spec.x), (s.smooth ?? s.y)[i]],
    itemStyle: hollow.has(i) ? { color: palette.panel } : {},
  })
  return {
    showSymbol: true,
    showAllSymbol: true,
    symbolSize: 8,
    symbol: 'circle',
    itemStyle: { color: colour, borderColor: colour, borderWidth: 2 },
    data: s.x.map(dot).filter((_, i) => fits(s.x[i] ?? 0, spec.x) && fits(s.y[i] ?? 0, spec.y)),
  }
}

function restartMarks(s: ChartSeries, spec: LineChartSpec, palette: Palette) {
  return {
    silent: true,
    symbol: 'none',
    label: { show: false },
    lineStyle: { color: palette.muted, type: 'dashed', width: 1 },
    data: (s.restarts ?? []).filter(x => fits(x, spec.x)).map(x => ({ xAxis: placed(x, spec.x) })),
  }
}

/** A polygon: low from left to right, high back again. Stacked areas would not do on a logarithmic axis. */
function band(s: ChartSeries, spec: LineChartSpec, colour: string) {
  const low = points(s.x, s.band?.low ?? [], spec)
  const high = points(s.x, s.band?.high ?? [], spec)
  const outline = [...low, ...high.reverse()]
  return {
    id: `${s.id}|band`,
    type: 'custom',
    silent: true,
    tooltip: { show: false },
    // every point counts for the extent of the axes; the first one draws them all
    data: outline,
    clip: true,
    renderItem: (item: { dataIndex: number }, api: { coord(point: Point): number[] }) =>
      item.dataIndex === 0 && {
        type: 'polygon',
        shape: { points: outline.map(point => api.coord(point)) },
        style: { fill: colour, opacity: 0.14 },
      },
  }
}

function levels(spec: LineChartSpec, palette: Palette) {
  if (!spec.levels?.length) return []
  return [
    {
      id: 'levels',
      type: 'line',
      data: [],
      markLine: {
        silent: true,
        symbol: 'none',
        lineStyle: { color: palette.text, type: 'dashed', width: 1 },
        label: { position: 'insideEndTop', color: palette.text, fontSize: 11 },
        data: spec.levels.map(l => ({ yAxis: l.y, label: { formatter: l.label } })),
      },
    },
  ]
}

function xAxis(spec: LineChartSpec, palette: Palette, look: LineLook) {
  const { x } = spec
  const format = x.format ?? measure
  const lengths = [...new Set(spec.series.flatMap(s => s.x))].sort((a, b) => a - b)
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
    splitNumber: look.small ? 2 : 6,
    axisLabel: { ...label, show: !look.small, formatter: format },
  }
}

function yAxis(y: ChartAxis, palette: Palette) {
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
function smallYAxis(spec: LineChartSpec, palette: Palette) {
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

interface TooltipRow {
  readonly seriesId: string
  readonly seriesName: string
  readonly value: Point
}

/** Rich text, drawn on the canvas: names of models and runs never become HTML. */
function tooltip(spec: LineChartSpec, palette: Palette) {
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
      const shown = rows.filter(row => row.seriesId.endsWith('|front'))
      if (!shown[0]) return ''
      const head = `${spec.x.name} ${xText(shown[0].value[0])}`
      return [head, ...shown.map(r => `${unmarked(r.seriesName)}  ${formatY(r.value[1])}`)].join(
        '\n',
      )
    },
  }
}

/** Braces and bars mean styles in ECharts' rich text. */
const unmarked = (name: string) => name.replace(/[{}|]/g, ' ')
