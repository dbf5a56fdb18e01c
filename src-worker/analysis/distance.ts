// Models × behaviours: how many tokens each needs.
import type { Behaviour, Curve, DistanceMatrix } from '../contract/analysis'
import { hasWarning } from '../contract/analysis-text'
import { shadesOf } from '../contract/answer-order'
import { lastPart } from '../shared/names'

/** The number in a model's name ('70m', '1.1B') in parameters, for sorting rows by size. */
function sizeOf(model: string): number {
  const found = /(\d+(?:\.\d+)?)\s*([kmb])(?![a-z])/i.exec(lastPart(model))
  const scale: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9 }
  return found ? Number(found[1]) * (scale[(found[2] ?? '').toLowerCase()] ?? 1) : 0
}

/** The row of the matrix that a curve belongs to. */
export const rowId = (curve: Curve): string => `${curve.source} ${curve.label}`

/**
 * One row for each way of training a model, smaller models first, own runs before the paper's.
 * @param isComparable whether the answers may be held against each other: only then are cells shaded
 */
export function matrixOf(
  curves: readonly Curve[],
  behaviours: readonly Behaviour[],
  isComparable: boolean,
): DistanceMatrix {
  const prompted = curves.filter(curve => curve.points.length > 0)
  const shades = isComparable ? shadesOf(prompted.map(curve => curve.needed)) : []
  const rows = new Map<string, DistanceMatrix['rows'][number]>()
  for (const curve of prompted) {
    const { label, model, source } = curve
    rows.set(rowId(curve), { id: rowId(curve), label, model, source })
  }
  const cells = prompted.map((curve, i) => ({
    row: rowId(curve),
    column: curve.behaviour,
    curve: curve.id,
    needed: curve.needed,
    level: shades[i] ?? null,
    hasWarning: curve.points.some(hasWarning),
  }))
  const used = new Set(cells.map(cell => cell.column))
  const order = { workbench: 0, tensorboard: 1, published: 2 } as const
  return {
    rows: [...rows.values()].sort(
      (a, b) =>
        order[a.source] - order[b.source] ||
        sizeOf(a.model) - sizeOf(b.model) ||
        a.label.localeCompare(b.label),
    ),
    columns: behaviours.map(b => b.id).filter(id => used.has(id)),
    cells,
  }
}
