// Sections of the report that show numbers: matrix, curves with their tables, warnings, differences to the paper.
import type { Analysis, Behaviour, Curve, CurvePoint } from '../contract/analysis'
import {
  intervalSource,
  neededIntervalText,
  neededText,
  rowsOf,
  thresholdsText,
  tokensText,
  warningsOf,
} from '../contract/analysis-text'
import { type Axis, axisName, neededName, unitWord } from '../contract/needed'
import { capitalised } from '../shared/names'
import { curveFigure } from './figure-curve'
import { matrixFigure } from './figure-matrix'
import { type Child, el, type Markup } from './markup'

/** Four significant digits, no exponents. */
export const figureText = (value: number): string =>
  Math.abs(value) >= 1000
    ? value.toFixed(0)
    : Math.abs(value) < 1e-4
      ? value.toFixed(5)
      : trimmed(value)
const trimmed = (value: number): string =>
  value.toFixed(Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))))

const signed = (value: number): string => `${value > 0 ? '+' : ''}${figureText(value)}`

/** Columns whose head begins with # hold numbers; columns without any content are left out. */
export function table(heads: readonly string[], all: readonly (readonly Child[])[]): Markup {
  const used = heads.map((_, c) => all.some(row => row[c] !== ''))
  const head = heads.filter((_, c) => used[c])
  const rows = all.map(row => row.filter((_, c) => used[c]))
  const side = (c: number): string | undefined => (head[c]?.startsWith('#') ? 'n' : undefined)
  return el(
    'div',
    { class: 'scroll' },
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          head.map((h, c) => el('th', { scope: 'col', class: side(c) }, h.replace('#', ''))),
        ),
      ),
      el(
        'tbody',
        {},
        rows.map(row =>
          el(
            'tr',
            {},
            row.map((child, c) => el('td', { class: side(c) }, child)),
          ),
        ),
      ),
    ),
  )
}

/** A figure that `figure()` made: finished markup. */
const drawn = (svg: string): Markup => el('figure', {}, { markup: svg })

export function matrixSection(analysis: Analysis): Markup[] {
  if (analysis.matrix.cells.length === 0) return []
  return [
    el(
      'p',
      {},
      `${capitalised(axisName(analysis.options.axis))} needed, with the 95 % interval, read at ${thresholdsText(analysis)}. “≤ 1”: already there at the shortest prompt measured; “> 64”: not reached by the longest; “?”: open, with the reason beside its curve.`,
    ),
    drawn(matrixFigure(analysis)),
  ]
}

const interval = (point: CurvePoint): string =>
  point.interval ? `${figureText(point.interval.low)} – ${figureText(point.interval.high)}` : ''

function gain(point: CurvePoint): string {
  if (point.gain === null) return ''
  const range = point.gain.interval
  const text = signed(point.gain.value)
  return range ? `${text} (${signed(range.low)} to ${signed(range.high)})` : text
}

function pointRow(label: string, kind: string, point: CurvePoint): Child[] {
  const warnings = new Set(warningsOf(point).map(g => g.kind))
  const bits = point.bitsPerPromptToken
  return [
    label,
    kind,
    figureText(point.value),
    interval(point),
    gain(point),
    bits === null ? '' : figureText(bits),
    point.parameters === null || point.parameters === 0 ? '' : String(point.parameters),
    String(point.seeds.length),
    warnings.size === 0
      ? ''
      : el('span', { class: 'warning' }, `○ ${[...warnings].join(', ').replaceAll('-', ' ')}`),
  ]
}

function curveTable(curves: readonly Curve[], axis: string, unit: Axis): Markup {
  const rows = curves.flatMap(curve =>
    rowsOf(curve).map(({ words, point }) => pointRow(curve.label, words, point)),
  )
  const head = [
    'model',
    `#${unitWord(2, unit)}`,
    `#${axis}`,
    '#95 %',
    '#gain over the better baseline',
    `#bits a ${unit === 'tokens' ? 'prompt token' : unitWord(1, unit)}`,
    '#parameters',
    '#seeds',
    'warnings',
  ]
  return table(head, rows)
}

function neededRows(curves: readonly Curve[]): Child[][] {
  return curves.map(curve => {
    const { needed, saturation } = curve
    const parameters = needed.kind === 'reached' && needed.parameters ? `${needed.parameters}` : ''
    const open = needed.kind === 'unknown' ? `${needed.reason}; ` : ''
    const words =
      saturation.kind === 'saturated'
        ? `from ${saturation.tokens} on: ${saturation.reason}`
        : saturation.kind === 'unknown'
          ? `unknown: ${saturation.reason}`
          : `not yet: ${saturation.reason}`
    return [
      curve.label,
      curve.threshold === null ? '' : figureText(curve.threshold),
      el('b', {}, neededText(needed)),
      neededIntervalText(needed),
      parameters,
      open + words,
    ]
  })
}

/** Which noise the intervals of these curves cover. */
const sources = (curves: readonly Curve[]): string =>
  [
    ...new Set(
      curves.flatMap(c => c.points.flatMap(p => (p.interval ? intervalSource(p.interval) : []))),
    ),
  ].join('; ')

function curveSection(analysis: Analysis, behaviour: Behaviour): Markup[] {
  const curves = analysis.curves.filter(c => c.behaviour === behaviour.id)
  if (curves.length === 0) return []
  const noise = sources(curves)
  const head = [
    'model',
    '#threshold',
    `#${neededName(analysis.options.axis)}`,
    '#95 %',
    '#parameters',
    'do more help?',
  ]
  return [
    el('h3', {}, behaviour.label),
    el(
      'p',
      { class: 'soft' },
      behaviour.dataset === '' ? '' : `Data: ${behaviour.dataset}. `,
      noise === '' ? 'One seed and no held-out units: no intervals.' : `Intervals: ${noise}.`,
    ),
    drawn(curveFigure(analysis, behaviour)),
    table(head, neededRows(curves)),
    el(
      'details',
      {},
      el('summary', {}, 'All points'),
      curveTable(curves, analysis.metric.axis, analysis.options.axis),
    ),
  ]
}

export const curveSections = (analysis: Analysis): Markup[] =>
  analysis.behaviours.flatMap(behaviour => curveSection(analysis, behaviour))

export function guardSection({ curves, behaviours }: Analysis): Markup[] {
  const name = (id: string): string => behaviours.find(b => b.id === id)?.label ?? id
  const rows = curves.flatMap(curve =>
    curve.points.flatMap(point =>
      point.guards.map(guard => [
        name(curve.behaviour),
        curve.label,
        tokensText(point.tokens),
        `${guard.level === 'warning' ? '○ ' : ''}${guard.reason}`,
        guard.suggestion === null
          ? ''
          : [guard.suggestion.text, el('br'), el('code', {}, guard.suggestion.command)],
      ]),
    ),
  )
  if (curves.every(c => c.points.length === 0)) return []
  if (rows.length === 0)
    return [
      el(
        'p',
        {},
        'Nothing speaks against the points shown: no training loss was seen falling at its end or diverging, no seeds were seen far apart, and no run fell short of its neighbours.',
      ),
    ]
  return [
    el(
      'p',
      {},
      'A point with a warning (○) is drawn hollow. The last column is the run that would settle it.',
    ),
    table(['behaviour', 'model', '#length', 'why', 'what would settle it'], rows),
  ]
}

export function differenceSection({ differences, behaviours }: Analysis): Markup[] {
  if (differences.length === 0) return []
  const name = (id: string): string => behaviours.find(b => b.id === id)?.label ?? id
  const rows = differences.map(d => [
    name(d.behaviour),
    d.model,
    String(d.tokens),
    figureText(d.own),
    figureText(d.published),
    signed(d.difference),
    d.interval ? `${signed(d.interval.low)} to ${signed(d.interval.high)}` : '',
    d.remarks.join('; '),
  ])
  const head = ['behaviour', 'model', '#tokens', '#here', '#paper', '#difference', '#95 %']
  return [table([...head, 'not the same'], rows)]
}
