// Series → the option of a line chart. Pure: same spec and palette, same option.
import {
  type ChartAxis,
  type ChartSeries,
  type LineChartSpec,
  type LineLook,
  placeOf,
} from './chart-spec'
import type { EChartsCoreOption } from './echarts'
import { smallYAxis, tooltip, xAxis, yAxis } from './line-axes'
import { type Palette, seriesColour } from './palette'

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

/** A logarithmic axis has no place for zero and below. */
const fits = (value: number, axis: ChartAxis) => axis.scale !== 'log' || value > 0

function points(xs: readonly number[], ys: readonly number[], spec: LineChartSpec): Point[] {
  const found: Point[] = []
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] ?? Number.NaN
    const y = ys[i] ?? Number.NaN
    if (fits(x, spec.x) && fits(y, spec.y)) found.push([placeOf(x, spec.x), y])
  }
  return found
}

/** The same as x₀ y₀ x₁ y₁ …: what ECharts takes without making an object of each point. */
function flat(xs: readonly number[], ys: readonly number[], spec: LineChartSpec): Float64Array {
  const found = new Float64Array(2 * xs.length)
  let n = 0
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] ?? Number.NaN
    const y = ys[i] ?? Number.NaN
    if (!fits(x, spec.x) || !fits(y, spec.y)) continue
    found[n++] = placeOf(x, spec.x)
    found[n++] = y
  }
  return found.subarray(0, n)
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
  const isStrong = spec.strong === s.id
  // hundreds of lines behind would together be as dark as the one that is meant
  const faint = spec.series.length > 40 ? 0.1 : 0.35
  const common = {
    type: 'line',
    dimensions: ['x', 'y'],
    name: s.name,
    showSymbol: false,
    color: colour,
    silent: true,
  }
  const front = {
    ...common,
    id: `${s.id}|front`,
    data: flat(s.x, s.smooth ?? s.y, spec),
    z: isStrong ? 3 : 2,
    lineStyle: {
      width: isStrong ? 3.5 : 2,
      opacity: back ? faint : 1,
      ...(s.dashed ? { type: 'dashed' } : {}),
    },
    ...dots(s, spec, colour, palette),
    markLine: restartMarks(s, spec, palette),
  }
  const behind = s.smooth && {
    ...common,
    id: `${s.id}|raw`,
    data: flat(s.x, s.y, spec),
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
    data: s.notFinite.filter(x => fits(x, spec.x)).map(x => [placeOf(x, spec.x), floor]),
    tooltip: { show: false },
    silent: true,
  }
  return [s.band && band(s, spec, colour), behind, front, bad].filter(x => !!x)
}

function dots(s: ChartSeries, spec: LineChartSpec, colour: string, palette: Palette) {
  if (!s.dots && s.x.length > 1) return {}
  const hollow = new Set(s.hollow)
  const dot = (x: number, i: number) => ({
    value: [placeOf(x, spec.x), (s.smooth ?? s.y)[i]],
    itemStyle: hollow.has(i) ? { color: palette.panel } : {},
  })
  return {
    showSymbol: true,
    showAllSymbol: true,
    symbolSize: s.symbol === undefined ? 8 : 10,
    symbol: s.symbol ?? 'circle',
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
    data: (s.restarts ?? []).filter(x => fits(x, spec.x)).map(x => ({ xAxis: placeOf(x, spec.x) })),
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
  // an axis reaches as far as its points: a level beyond them would not be seen
  const x = spec.series[0]?.x[0]
  const held = x === undefined ? [] : spec.levels.map(({ y }) => [placeOf(x, spec.x), y] as const)
  return [
    {
      id: 'levels',
      type: 'line',
      data: held.filter(([at, y]) => fits(at, spec.x) && fits(y, spec.y)),
      showSymbol: false,
      silent: true,
      lineStyle: { opacity: 0 },
      tooltip: { show: false },
      markLine: {
        silent: true,
        symbol: 'none',
        lineStyle: { color: palette.text, type: 'dashed', width: 1 },
        // curves that cross it stay readable on both sides, and so does it
        label: {
          ...{ position: 'insideEndTop', color: palette.text, fontSize: 11 },
          ...{ backgroundColor: palette.panel, padding: [1, 3], borderRadius: 2 },
        },
        data: spec.levels.map(l => ({ yAxis: l.y, label: { formatter: l.label } })),
      },
    },
  ]
}
