// A longer soft prompt can do whatever a shorter one can, so the true curve does not rise with length: isotonic
// regression (pool adjacent violators, Ayer et al. 1955) takes out what noise alone can explain.

/** The non-increasing sequence nearest to `values` in weighted least squares. */
export function nonIncreasing(values: readonly number[], weights: readonly number[]): number[] {
  const pools: { value: number; weight: number; size: number }[] = []
  for (const [i, value] of values.entries()) {
    let pool = { value, weight: weights[i] ?? 1, size: 1 }
    for (
      let last = pools.at(-1);
      last !== undefined && last.value < pool.value;
      last = pools.at(-1)
    ) {
      pools.pop()
      const weight = last.weight + pool.weight
      const joint = (last.value * last.weight + pool.value * pool.weight) / weight
      pool = { value: joint, weight, size: last.size + pool.size }
    }
    pools.push(pool)
  }
  return pools.flatMap(pool => new Array<number>(pool.size).fill(pool.value))
}

/**
 * Where a non-increasing curve first comes down to `threshold`, straight between points on log tokens.
 * The first length when it is there already; Infinity when the longest does not reach it.
 */
export function crossing(
  tokens: readonly number[],
  fit: readonly number[],
  threshold: number,
): number {
  const at = fit.findIndex(value => value <= threshold)
  const to = tokens[at]
  if (at < 0 || to === undefined) return Number.POSITIVE_INFINITY
  const from = tokens[at - 1]
  if (from === undefined) return to
  const above = fit[at - 1] ?? Number.NaN
  const share = (above - threshold) / (above - (fit[at] ?? Number.NaN))
  return Math.exp(Math.log(from) + share * (Math.log(to) - Math.log(from)))
}
