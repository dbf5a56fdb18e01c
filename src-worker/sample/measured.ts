// What a measure of behaviour gives: shares for charts, and everything behind them.
import { addedUp, type UnitSums } from '../shared/unit-sums'

export interface BehaviourMeasures {
  /** by tag, for metrics.jsonl and TensorBoard; what could not be measured is left out */
  readonly scalars: Readonly<Record<string, number>>
  /** the scalars that are means over held-out units, taken apart; by tag */
  readonly shares: Readonly<Record<string, UnitSums>>
  /** plain JSON */
  readonly details: unknown
}

/** @param values each with the unit that it was measured in; what is not a number does not count */
export const unitSums = (
  units: number,
  values: readonly (readonly [unit: number, value: number])[],
): UnitSums =>
  addedUp(
    units,
    values.flatMap(([unit, sum]) => (Number.isNaN(sum) ? [] : [{ unit, sum, count: 1 }])),
  )

const total = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0)

/** NaN when nothing counts. */
export const shareOf = ({ sums, counts }: UnitSums): number => total(sums) / total(counts)

/** By tag; what could not be measured is left out. */
export function sharesOf(all: Readonly<Record<string, UnitSums>>): Record<string, number> {
  return finite(Object.fromEntries(Object.entries(all).map(([tag, of]) => [tag, shareOf(of)])))
}

export interface Interval {
  readonly n: number
  readonly mean: number
  /** 95 %, by the normal approximation */
  readonly low: number
  readonly high: number
}

export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, x) => sum + x, 0) / values.length

export function intervalOf(values: readonly number[]): Interval {
  const n = values.length
  const mean = meanOf(values)
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  const half = n < 2 ? Number.NaN : 1.96 * Math.sqrt(squares / (n - 1) / n)
  return { n, mean, low: mean - half, high: mean + half }
}

/** Only finite numbers are worth a line in a chart. */
export const finite = (scalars: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(scalars).filter(([, value]) => Number.isFinite(value)))
