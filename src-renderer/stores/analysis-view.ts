// What the Analysis screen shows, from what the engine answered: curves as a chart, tables as rows.
// Pure.
import type {
  Analysis,
  Curve,
  CurvePoint,
  DistanceMatrix,
  Guard,
} from '../../src-worker/contract/analysis'
import {
  givenWords,
  hasWarning,
  neededIntervalText,
  neededText,
} from '../../src-worker/contract/analysis-text'
import { nearestFirst } from '../../src-worker/contract/answer-order'
import { axisName, unitWord } from '../../src-worker/contract/needed'
import { csvText } from '../../src-worker/shared/csv'
import { distinctNames } from '../../src-worker/shared/distinct-names'
import type { ChartSeries, LineChartSpec } from '../charts/chart-spec'
import { measure } from '../text/format'

/** A row of the matrix, from any machine: a model, and what distinguishes several ways of training it. */
const wayOf = ({ label }: Pick<Curve, 'label'>): string => label.replace(/ · (paper|imported)$/, '')

/** "gpt · learning rate 0.1 · paper" as the fields way of training, which sets rows of a model apart, model, source. */
function fieldsOf(label: string): readonly string[] {
  const [model = '', ...more] = label.split(' · ')
  const source = ['paper', 'imported'].includes(more.at(-1) ?? '') ? (more.pop() ?? '') : ''
  return [more.join(' · '), model, source]
}

/** What rows, columns or curves are called among each other, by their id. */
export function namesOf(
  list: readonly { readonly id: string; readonly label: string }[],
  fields: (label: string) => readonly string[] = fieldsOf,
): ReadonlyMap<string, string> {
  const rows = list.map(({ id, label }) => ({
    id,
    name: '',
    main: fields(label),
    more: [],
    last: '',
  }))
  return new Map([...distinctNames(rows)].map(([id, name]) => [id, name.short]))
}

/** A way of training a model keeps its colour over all behaviours, its own runs and the paper's. 1…7 */
export function colourOf(analysis: Analysis, curve: Pick<Curve, 'label'>): number {
  const ways = [...new Set(analysis.matrix.rows.map(wayOf))]
  return (Math.max(0, ways.indexOf(wayOf(curve))) % 7) + 1
}

export const curvesOf = (analysis: Analysis, behaviour: string): readonly Curve[] =>
  analysis.curves.filter(curve => curve.behaviour === behaviour)

/** The better baseline at 0 tokens, then the lengths. */
function pointsOf(curve: Curve): readonly CurvePoint[] {
  // a control, text or adapter is no baseline of the curve, also where there is none
  const base = curve.baselines.find(b => b.kind === curve.better)
  return base ? [base.point, ...curve.points] : curve.points
}

const seriesOf = (
  id: string,
  name: string,
  points: readonly CurvePoint[],
  look: Pick<ChartSeries, 'colour' | 'dashed' | 'symbol'>,
): ChartSeries => {
  const banded = points.some(p => p.interval !== null)
  const band = {
    low: points.map(p => p.interval?.low ?? p.value),
    high: points.map(p => p.interval?.high ?? p.value),
  }
  return {
    id,
    name,
    ...look,
    x: points.map(p => p.tokens),
    y: points.map(p => p.value),
    dots: true,
    hollow: points.flatMap((p, i) => (hasWarning(p) ? [i] : [])),
    ...(banded ? { band } : {}),
  }
}

/** What was given beside a curve has its colour: its points must differ. */
const symbols: Readonly<Record<string, ChartSeries['symbol']>> = {
  ...{ 'text-prompt': 'diamond', 'imported-prompt': 'pin', control: 'rect' },
}

/**
 * Values of single seeds, as their own faint dots are not drawn by the chart: they are listed in the
 * table of points.
 */
export function curveChart(
  analysis: Analysis,
  behaviour: string,
  strong: string | undefined,
): LineChartSpec {
  const curves = curvesOf(analysis, behaviour)
  const names = namesOf(curves)
  const series = curves.flatMap(curve => {
    const called = names.get(curve.id) ?? curve.label
    const colour = colourOf(analysis, curve)
    const dashed = curve.source === 'published'
    const trained = seriesOf(curve.id, called, pointsOf(curve), { colour, dashed })
    const look = { colour, dashed: true }
    const others = Object.entries(givenWords).flatMap(([kind, what]) => {
      const points = curve.baselines.filter(b => b.kind === kind).map(b => b.point)
      if (points.length === 0) return []
      const symbol = symbols[kind]
      const drawn = symbol === undefined ? look : { ...look, symbol }
      return [seriesOf(`${curve.id} ${kind}`, `${called}, ${what}`, points, drawn)]
    })
    if (curve.untrained.length === 0) return [trained, ...others]
    const name = `${called}, untrained`
    return [trained, ...others, seriesOf(`${curve.id} untrained`, name, curve.untrained, look)]
  })
  return {
    label: `${analysis.metric.axis}, against ${axisName(analysis.options.axis)}`,
    series,
    x: { name: unitWord(2, analysis.options.axis), scale: 'tokens', format: String },
    y: { name: analysis.metric.label, scale: 'linear', format: measure },
    levels: levelsOf(analysis, curves, strong),
    ...(strong === undefined ? {} : { strong }),
  }
}

/**
 * One line for the threshold when all curves share it, else that of the chosen curve; and the
 * references.
 */
function levelsOf(analysis: Analysis, curves: readonly Curve[], strong: string | undefined) {
  const values = new Set(curves.flatMap(c => (c.threshold === null ? [] : [c.threshold])))
  const chosen = curves.find(c => c.id === strong)?.threshold ?? null
  const shared = values.size === 1 ? [...values][0] : chosen
  const levels =
    shared === undefined || shared === null
      ? []
      : [{ y: shared, label: `threshold ${measure(shared)}` }]
  const references = new Map(curves.flatMap(c => c.references.map(r => [r.run, r] as const)))
  return [...levels, ...[...references.values()].map(r => ({ y: r.value, label: r.label }))].filter(
    level => analysis.metric !== undefined && Number.isFinite(level.y),
  )
}

/** Lowest and highest value of a behaviour, for the threshold slider. */
export function valueRange(curves: readonly Curve[]): readonly [low: number, high: number] {
  const values = curves.flatMap(c => pointsOf(c).map(p => p.value))
  if (values.length === 0) return [0, 1]
  return [Math.min(...values), Math.max(...values)]
}

export interface NeededRow {
  readonly curve: string
  readonly label: string
  readonly tokens: string
  readonly interval: string
  /** why there is no number; empty when there is one */
  readonly open: string
  readonly saturation: string
}
export function neededRows(curves: readonly Curve[]): readonly NeededRow[] {
  return [...curves]
    .sort((a, b) => nearestFirst(a.needed, b.needed))
    .map(curve => ({
      curve: curve.id,
      label: curve.label,
      tokens: neededText(curve.needed),
      interval:
        curve.needed.kind === 'not-reached' && curve.needed.interval === null
          ? 'not reached'
          : neededIntervalText(curve.needed),
      open: curve.needed.kind === 'unknown' ? curve.needed.reason : '',
      saturation: curve.saturation.reason,
    }))
}

export interface GuardRow {
  readonly curve: string
  readonly label: string
  readonly tokens: number
  readonly guard: Guard
}
/** Every guard of a behaviour, warnings before infos. */
export function guardsOf(curves: readonly Curve[]): readonly GuardRow[] {
  const all = curves.flatMap(curve =>
    pointsOf(curve).flatMap(point =>
      point.guards.map(guard => ({
        curve: curve.id,
        label: curve.label,
        tokens: point.tokens,
        guard,
      })),
    ),
  )
  return [...all].sort(
    (a, b) => Number(a.guard.level === 'info') - Number(b.guard.level === 'info'),
  )
}

export type Cell = DistanceMatrix['cells'][number]
export interface MatrixSorting {
  /** rows by the distance in this column; empty: as the engine gave them */
  readonly byColumn: string
  /** columns by the distance in this row */
  readonly byRow: string
}
export interface MatrixTable {
  readonly columns: readonly { readonly id: string; readonly label: string }[]
  readonly rows: readonly {
    readonly id: string
    readonly label: string
    readonly cells: readonly (Cell | undefined)[]
  }[]
}

/** Cells that are not there come last in either direction. */
export function matrixTable(analysis: Analysis, sorting: MatrixSorting): MatrixTable {
  const { matrix, behaviours } = analysis
  const cells = new Map(matrix.cells.map(cell => [`${cell.row}\n${cell.column}`, cell]))
  const at = (row: string, column: string) => cells.get(`${row}\n${column}`)
  const order = (a: Cell | undefined, b: Cell | undefined) =>
    a && b ? nearestFirst(a.needed, b.needed) : Number(a === undefined) - Number(b === undefined)
  const labels = new Map(behaviours.map(b => [b.id, b.label]))
  // one's own behaviours stand before those that only the paper has
  const own = new Set(analysis.curves.filter(c => c.source !== 'published').map(c => c.behaviour))
  const columns = [...matrix.columns].sort((a, b) => Number(own.has(b)) - Number(own.has(a)))
  if (sorting.byRow) columns.sort((a, b) => order(at(sorting.byRow, a), at(sorting.byRow, b)))
  const rows = [...matrix.rows]
  if (sorting.byColumn)
    rows.sort((a, b) => order(at(a.id, sorting.byColumn), at(b.id, sorting.byColumn)))
  return {
    columns: columns.map(id => ({ id, label: labels.get(id) ?? id })),
    rows: rows.map(({ id, label }) => ({ id, label, cells: columns.map(c => at(id, c)) })),
  }
}

/** What the matrix shows, as CSV: tokens needed, then the interval in a column of its own. */
export function matrixCsv(table: MatrixTable): string {
  const head = ['model', ...table.columns.flatMap(c => [c.label, `${c.label} 95 %`])]
  const lines = table.rows.map(row => [
    row.label,
    ...row.cells.flatMap(cell =>
      cell ? [neededText(cell.needed), neededIntervalText(cell.needed)] : ['', ''],
    ),
  ])
  return csvText([head, ...lines])
}
