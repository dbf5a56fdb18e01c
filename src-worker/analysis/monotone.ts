// A longer soft prompt can do whatever a shorter one can, so the true curve does not rise with length: isotonic
// regression (pool adjacent violators, Ayer et al. 1955) takes out what noise alone can explain.

export interface Pool {
  readonly value: number
  readonly weight: number
  readonly from: number
  readonly size: number
}

/** The flat pieces of the non-increasing sequence nearest to `values` in weighted least squares. */
export function pooled(values: readonly number[], weights: readonly number[]): Pool[] {
  const pools: Pool[] = []
  for (const [i, value] of values.entries()) {
    let pool: Pool = { value, weight: weights[i] ?? 1, from: i, size: 1 }
    for (
      let last = pools.at(-1);
      last !== undefined && last.value < pool.value;
      last = pools.at(-1)
    ) {
      pools.pop()
      const weight = last.weight + pool.weight
      const joint = (last.value * last.weight + pool.value * pool.weight) / weight
      pool = { value: joint, weight, from: last.from, size: last.size + pool.size }
    }
    pools.push(pool)
  }
  return pools
}

/** The non-increasing sequence nearest to `values` in weighted least squares. */
export const nonIncreasing = (values: readonly number[], weights: readonly number[]): number[] =>
  pooled(values, weights).flatMap(pool => new Array<number>(pool.size).fill(pool.value))

/**
 * Where a curve first comes down to `level`, by centred isotonic regression (Oron & Flournoy 2017): each flat piece stands
 * at the weighted mean of its log tokens, and the curve is straight between the pieces.
 * The first length when it is there already; Infinity when the longest does not reach it.
 */
export function crossing(
  tokens: readonly number[],
  values: readonly number[],
  weights: readonly number[],
  level: number,
): number {
  const pools = pooled(values, weights)
  const at = pools.findIndex(pool => pool.value <= level)
  const to = pools[at]
  if (to === undefined) return Number.POSITIVE_INFINITY
  const from = pools[at - 1]
  if (from === undefined) return tokens[0] ?? Number.NaN
  const centre = ({ from: start, size, weight }: Pool): number => {
    let total = 0
    for (let i = start; i < start + size; i++)
      total += (weights[i] ?? 1) * Math.log(tokens[i] ?? Number.NaN)
    return total / weight
  }
  const share = (from.value - level) / (from.value - to.value)
  return Math.exp(centre(from) + share * (centre(to) - centre(from)))
}
