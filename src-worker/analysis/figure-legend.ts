// The legend of a curve figure, and which colour and mark a curve has.
import type { Analysis, Curve } from '../contract/analysis'
import { neededText, tokensText } from '../contract/analysis-text'
import { type Axis, unitWord } from '../contract/needed'
import { lastPart } from '../shared/names'
import { mark, seriesClass } from './figure-style'
import { el, type Markup } from './markup'

/** 'needs 3.8 tokens' at the end of a legend line. */
export function legendWords(curve: Curve, axis: Axis): string {
  if (curve.points.length === 0) return `${curve.label} (baselines only)`
  if (curve.needed.kind === 'unknown') return curve.label
  const one = curve.needed.kind === 'reached' && tokensText(curve.needed.tokens) === '1'
  return `${curve.label}: ${neededText(curve.needed)} ${unitWord(one ? 1 : 2, axis)}`
}

/** The same colour and mark for a model in every figure; the paper's dashed line takes those of our own model. */
export function seriesOf(analysis: Analysis): (curve: Curve) => number {
  const key = (c: Curve): string =>
    c.source === 'published' ? lastPart(c.model).toLowerCase() : c.label.toLowerCase()
  const keys = [...new Set(analysis.curves.map(key))]
  return curve => keys.indexOf(key(curve))
}

/** Two, or one when a label would not fit half of the width. */
const legendColumns = (curves: readonly Curve[], axis: Axis): number =>
  curves.some(curve => legendWords(curve, axis).length > 44) ? 1 : 2

export const legendRows = (curves: readonly Curve[], axis: Axis): number =>
  Math.ceil(curves.length / legendColumns(curves, axis))

export interface LegendPlace {
  /** what prompts are counted in */
  readonly axis: Axis
  readonly left: number
  readonly right: number
  readonly top: number
}

/** A line, a mark and words for each curve, 20 pixels a row. */
export function legend(
  curves: readonly Curve[],
  series: (curve: Curve) => number,
  { axis, left, right, top }: LegendPlace,
): Markup[] {
  const columns = legendColumns(curves, axis)
  const column = (right - left) / columns
  return curves.flatMap((curve, place) => {
    const i = series(curve)
    const x = left + (place % columns) * column
    const y = top + Math.floor(place / columns) * 20
    const dashed = curve.source === 'published' ? ' dashed' : ''
    return [
      el('line', { class: `series ${seriesClass(i)}${dashed}`, x1: x, x2: x + 26, y1: y, y2: y }),
      mark(i, x + 13, y, false),
      el('text', { x: x + 34, y: y + 4 }, legendWords(curve, axis)),
    ]
  })
}
