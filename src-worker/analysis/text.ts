// The analysis as a terminal shows it.
import type { Analysis, Curve } from '../contract/analysis'
import {
  type CurveRow,
  curvesSentence,
  givenWords,
  hasWarning,
  neededIntervalText,
  neededText,
  rowsOf,
  thresholdsText,
} from '../contract/analysis-text'
import {
  bitsText,
  type Elicitation,
  elicitationText,
  type MeasuredShare,
  placeOf,
  valueText,
} from '../contract/elicitation'
import { exampleText } from '../contract/example-text'
import { type Axis, neededName } from '../contract/needed'

const number = (value: number): string => value.toFixed(Math.abs(value) < 0.1 ? 4 : 3)

/** Columns as wide as their widest cell; the first to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map(row => row[c]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
  return rows.map(row => `  ${line(row).trimEnd()}`).join('\n')
}

/** Texts, prompts of other programs, and controls. */
const givenOf = (curve: Curve): CurveRow[] => rowsOf(curve).filter(({ kind }) => kind in givenWords)

function curveRows(curves: readonly Curve[], axis: Axis): string[][] {
  const lengths = [...new Set(curves.flatMap(c => c.points.map(p => p.tokens)))]
  for (const { point } of curves.flatMap(givenOf))
    if (!lengths.includes(point.tokens)) lengths.push(point.tokens)
  lengths.sort((a, b) => a - b)
  const head = ['model', 'none', 'start', ...lengths.map(String), neededName(axis), '95 %']
  const rows = curves.flatMap(curve => {
    const baseline = (kind: string): string => {
      const found = curve.baselines.find(b => b.kind === kind)
      return found === undefined ? '' : number(found.point.value)
    }
    const points = lengths.map(tokens => {
      const point = curve.points.find(p => p.tokens === tokens)
      const mark = point !== undefined && hasWarning(point) ? '?' : ''
      return point === undefined ? '' : `${mark}${number(point.value)}`
    })
    const { needed } = curve
    const given = givenOf(curve).map(({ words, point }) => [
      `${curve.label}, ${words}`,
      ...['', ''],
      ...lengths.map(tokens => (tokens === point.tokens ? number(point.value) : '')),
      ...['', ''],
    ])
    const own = [
      curve.label,
      baseline('none'),
      baseline('start-token'),
      ...points,
      neededText(needed),
      neededIntervalText(needed),
    ]
    return [own, ...given]
  })
  return [head, ...rows]
}

function suggestions(curves: readonly Curve[]): string[] {
  const found = curves.flatMap(curve =>
    curve.suggestions.map(s => `  ${curve.label}: ${s.text}\n      ${s.command}`),
  )
  return found.length === 0 ? [] : ['', 'To settle the warnings (?):', ...new Set(found)]
}

function differences({ differences: all, behaviours }: Analysis): string[] {
  if (all.length === 0) return []
  const name = (id: string): string => behaviours.find(b => b.id === id)?.label ?? id
  const rows = all.map(d => [
    `${name(d.behaviour)}, ${d.model}`,
    String(d.tokens),
    number(d.own),
    number(d.published),
    `${d.difference > 0 ? '+' : ''}${number(d.difference)}`,
  ])
  return ['', 'Beside the paper:', table([['', 'tokens', 'here', 'paper', 'difference'], ...rows])]
}

/** What one answer stands on: the criterion at every length, and the loss beside it. */
export function lengthsText(answer: Elicitation, { curves, metric }: Analysis): string {
  const curve = curves.find(c => c.model === answer.model && c.behaviour === answer.behaviour)
  const costOf = ({ kind, tokens }: MeasuredShare): string => {
    const point =
      kind === 'trained'
        ? curve?.points.find(p => p.tokens === tokens)
        : curve?.baselines.find(b => b.kind === kind)?.point
    return point === undefined ? '' : number(point.value)
  }
  const measured = answer.state.kind === 'gain' ? 'bits a token gained' : answer.measure
  // what was given stands where its length is
  const shares = [...answer.baselines, ...answer.trained].sort((a, b) => a.tokens - b.tokens)
  const rows = shares.map(share => [placeOf(share, answer.axis), valueText(share), costOf(share)])
  return table([['', measured, metric.axis], ...rows])
}

/** Answers by the behaviours' own criteria first; what the curves say by themselves stands below. */
function sentences(analysis: Analysis): string[] {
  const { elicited, answer, metric } = analysis
  if (elicited.length === 0)
    return [...answer, '', `Threshold: ${thresholdsText(analysis)}. Values: ${metric.axis}.`]
  const own = elicited.flatMap(found => [
    elicitationText(found),
    exampleText(found),
    bitsText(found),
  ])
  return [...own.filter(Boolean), '', curvesSentence(analysis), ...answer]
}

/** Answer first, then a table for each behaviour, then what to run next. */
export function analysisText(analysis: Analysis): string {
  const { behaviours, curves, options } = analysis
  const parts = sentences(analysis)
  for (const behaviour of behaviours) {
    const own = curves.filter(curve => curve.behaviour === behaviour.id)
    if (own.length > 0) parts.push('', behaviour.label, table(curveRows(own, options.axis)))
  }
  parts.push(...differences(analysis), ...suggestions(curves))
  if (analysis.skipped.length > 0)
    parts.push('', 'Left out:', ...analysis.skipped.map(s => `  ${s.run}: ${s.reason}`))
  return parts.join('\n')
}
