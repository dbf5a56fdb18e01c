// What a measure of behaviour gives: shares for charts, and everything behind them.

export interface Measured {
  /** by tag, for metrics.jsonl and TensorBoard; what could not be measured is left out */
  readonly scalars: Readonly<Record<string, number>>
  /** plain JSON */
  readonly details: unknown
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
