// The elicitation curves of one behaviour as an SVG: value against soft prompt tokens, one line a model.
import type { Analysis, Behaviour, Curve, CurvePoint } from '../contract/analysis'
import { baselineText, hasWarning, warningsOf } from '../contract/analysis-text'
import { type Axis, axisName, lengthWord } from '../contract/needed'
import { legend, legendRows, legendWords, seriesOf } from './figure-legend'
import { type TokenAxis, tokenAxis, type ValueAxis, valueAxis } from './figure-scale'
import { figure, fillClass, mark, seriesClass } from './figure-style'
import { el, type Markup, tidy } from './markup'

const width = 760
const plot = { left: 58, right: 736, top: 40, bottom: 330 }

interface Plot {
  readonly axis: Axis
  readonly tokens: TokenAxis
  readonly values: ValueAxis
}

const baselinePoint = (curve: Curve): CurvePoint | undefined =>
  curve.baselines.find(b => b.kind === curve.better)?.point

function axes(curves: readonly Curve[], axis: Axis): Plot {
  const points = curves.flatMap(c => [
    ...c.points,
    ...c.untrained,
    ...c.baselines.map(b => b.point),
  ])
  const values = [
    ...points.flatMap(p => [p.value, p.interval?.low ?? p.value, p.interval?.high ?? p.value]),
    ...points.flatMap(p => p.seeds.map(s => s.value)),
    ...curves.flatMap(c => c.references.map(r => r.value)),
    ...curves.flatMap(c => c.threshold ?? []),
  ]
  return {
    axis,
    tokens: tokenAxis([...new Set(points.map(p => p.tokens))], plot.left + 8, plot.right - 8),
    values: valueAxis(values.length === 0 ? [0, 1] : values, plot.top, plot.bottom),
  }
}

function grid({ axis, tokens, values }: Plot, axisLabel: string): Markup[] {
  const lines = values.ticks.map(value => {
    const y = values.y(value)
    return [
      el('line', { class: 'grid', x1: plot.left, x2: plot.right, y1: y, y2: y }),
      el(
        'text',
        { class: 'soft', x: plot.left - 8, y: y + 4, 'text-anchor': 'end' },
        values.text(value),
      ),
    ]
  })
  const ticks = tokens.ticks.map(t => [
    el('line', {
      class: 'axis',
      x1: tokens.x(t),
      x2: tokens.x(t),
      y1: plot.bottom,
      y2: plot.bottom + 5,
    }),
    el('text', { class: 'soft', x: tokens.x(t), y: plot.bottom + 19, 'text-anchor': 'middle' }, t),
  ])
  const middle = (plot.left + plot.right) / 2
  return [
    ...lines.flat(),
    ...ticks.flat(),
    el('text', { class: 'soft', x: plot.left, y: plot.top - 8 }, axisLabel),
    el(
      'text',
      { class: 'soft', x: middle, y: plot.bottom + 36, 'text-anchor': 'middle' },
      `${axisName(axis)}${tokens.hasZero ? ' (0: baselines; then log scale)' : ''}`,
    ),
  ]
}

/** The band between the ends of the intervals, where all points have one. */
function band(points: readonly CurvePoint[], { tokens, values }: Plot, series: number): Markup[] {
  const known = points.flatMap(p => (p.interval ? [{ x: tokens.x(p.tokens), ...p.interval }] : []))
  if (known.length < 2 || known.length < points.length) return []
  const there = known.map(p => `${p.x.toFixed(1)},${values.y(p.high).toFixed(1)}`)
  const back = known.map(p => `${p.x.toFixed(1)},${values.y(p.low).toFixed(1)}`).reverse()
  return [
    el('polygon', { class: `band ${fillClass(series)}`, points: [...there, ...back].join(' ') }),
  ]
}

function pointMarks(point: CurvePoint, { axis, tokens, values }: Plot, series: number): Markup[] {
  const x = tokens.x(point.tokens)
  const colour = seriesClass(series)
  const bar =
    point.interval &&
    el('line', {
      class: `bar ${colour}`,
      x1: x,
      x2: x,
      y1: values.y(point.interval.low),
      y2: values.y(point.interval.high),
    })
  const seeds =
    point.seeds.length < 2
      ? []
      : point.seeds.map(s =>
          el('circle', { class: `seed ${colour}`, cx: x + 6, cy: values.y(s.value), r: 2 }),
        )
  const reasons = new Set(warningsOf(point).map(g => g.reason))
  const words = [
    `${lengthWord(point.tokens, axis)}: ${point.value.toPrecision(5)}`,
    ...reasons,
  ].join('; ')
  return [
    ...(bar ? [bar] : []),
    ...seeds,
    el('g', {}, el('title', {}, words), mark(series, x, values.y(point.value), hasWarning(point))),
  ]
}

/** The place on the curve at which the threshold is reached, and its fall to the axis. */
function crossing(curve: Curve, { tokens, values }: Plot, series: number): Markup[] {
  if (curve.needed.kind !== 'reached' || curve.threshold === null) return []
  const x = tokens.x(curve.needed.tokens)
  const y = values.y(curve.threshold)
  const colour = seriesClass(series)
  return [
    el('line', { class: `thin ${colour}`, x1: x, x2: x, y1: y, y2: plot.bottom }),
    el('path', {
      class: `bar ${colour}`,
      d: `M${tidy(x - 5)} ${tidy(y)}h10M${tidy(x)} ${tidy(y - 5)}v10`,
    }),
  ]
}

function baselines(curve: Curve, { tokens, values }: Plot, series: number): Markup[] {
  const colour = seriesClass(series)
  const first = curve.points[0]
  const better = baselinePoint(curve)
  const lead =
    first && better
      ? [
          el('line', {
            class: `thin ${colour}`,
            x1: tokens.x(0),
            y1: values.y(better.value),
            x2: tokens.x(first.tokens),
            y2: values.y(first.value),
          }),
        ]
      : []
  const marks = curve.baselines.map(({ kind, point }) => {
    const [x, y] = [tokens.x(point.tokens), values.y(point.value)]
    const words = baselineText(kind, point.tokens)
    const shape =
      kind === 'none'
        ? mark(series, x, y, false)
        : el('path', {
            class: `bar ${colour}`,
            d: `M${tidy(x - 5)} ${tidy(y - 5)}l10 10m0-10l-10 10`,
          })
    return el('g', {}, el('title', {}, `${words}: ${point.value.toPrecision(5)}`), shape)
  })
  return [...lead, ...marks]
}

function line(points: readonly CurvePoint[], { tokens, values }: Plot, words: string): Markup[] {
  if (points.length < 2) return []
  const path = points.map(p => `${tokens.x(p.tokens).toFixed(1)},${values.y(p.value).toFixed(1)}`)
  return [el('polyline', { class: words, points: path.join(' ') })]
}

function curveMarks(curve: Curve, at: Plot, series: number): Markup[] {
  const colour = seriesClass(series)
  const dashed = curve.source === 'published' ? ' dashed' : ''
  return [
    ...band(curve.points, at, series),
    ...line(curve.untrained, at, `thin ${colour}`),
    ...line(curve.points, at, `series ${colour}${dashed}`),
    ...baselines(curve, at, series),
    ...crossing(curve, at, series),
    ...curve.points.flatMap(point => pointMarks(point, at, series)),
  ]
}

/** Lines across: one threshold for all curves, and reference runs. */
function across(curves: readonly Curve[], { values }: Plot): Markup[] {
  const levels = [...new Set(curves.flatMap(c => c.threshold ?? []))]
  const common = levels.length === 1 && curves.every(c => c.threshold !== null) ? levels : []
  const references = new Map(curves.flatMap(c => c.references.map(r => [r.run, r] as const)))
  const all = [
    ...common.map(value => ({ value, label: `threshold ${value.toPrecision(4)}` })),
    ...references.values(),
  ]
  return all.flatMap(({ value, label }) => {
    const y = values.y(value)
    return [
      el('line', { class: 'threshold', x1: plot.left, x2: plot.right, y1: y, y2: y }),
      el('text', { x: plot.right, y: y - 5, 'text-anchor': 'end' }, label),
    ]
  })
}

const notes = '○ hollow: warning · ✕ start token alone · ＋ threshold reached · dotted: untrained'

/** Curves of one behaviour. Pure: the same analysis gives the same string. */
export function curveFigure(analysis: Analysis, behaviour: Behaviour, standalone = false): string {
  const curves = analysis.curves.filter(c => c.behaviour === behaviour.id)
  const { axis } = analysis.options
  const at = axes(curves, axis)
  const series = seriesOf(analysis)
  const legendTop = plot.bottom + 60
  const height = legendTop + legendRows(curves, axis) * 20 + 14
  const title = `${behaviour.label}: ${analysis.metric.label} against ${axisName(axis)}`
  const description = curves.map(curve => legendWords(curve, axis)).join('; ')
  return figure(
    { width, height },
    { title, description },
    standalone,
    el('text', { class: 'title', x: plot.left, y: 18 }, behaviour.label),
    ...grid(at, analysis.metric.axis),
    ...across(curves, at),
    ...curves.flatMap(curve => curveMarks(curve, at, series(curve))),
    ...legend(curves, series, { axis, left: plot.left, right: plot.right, top: legendTop }),
    el('text', { class: 'soft', x: plot.left, y: height - 6, 'font-size': 11 }, notes),
  )
}
