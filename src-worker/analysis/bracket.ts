// What a curve that does not rise with length tells of the first length at which it is at or below 0: a bracket of measured
// lengths. Each "the i-th length is the first" is a hypothesis: all points before it lie above 0, all from it on do not. It is
// kept unless the likelihood ratio against it, under monotonicity, is larger than in 95 % of what it could itself have shown
// (test inversion; limits under monotonicity: Morris 1988; likelihood ratios of a monotone curve: Banerjee & Wellner 2001).
// What it could have shown depends on how far off 0 the other lengths lie, which is not known. A length counts as on 0, the
// worst for the test, unless it lies farther off than noise alone could bring it (moment selection: Andrews & Soares 2010).
// Nothing is assumed of the curve between the lengths measured.
import { type Pool, pooled } from './monotone'
import { quantile } from './numbers'

/** A measured value, and deviations that it could as well have shown, centred on 0: [draws]. */
export interface Noisy {
  readonly value: number
  readonly noise: Float64Array
}

const error95 = 0.05

/** Standard errors that the largest of n values of noise alone hardly exceeds (Donoho & Johnstone 1994). */
const farOff = (n: number): number => Math.sqrt(2 * Math.log(Math.max(1, n)))

/** Half of the middle 68 % of the draws: a standard error that a few wild draws of a small t cannot spoil. */
function standardError(noise: Float64Array): number {
  const sorted = noise.slice().sort()
  return (quantile(sorted, 0.8413) - quantile(sorted, 0.1587)) / 2
}

/** Room for one pass of pool adjacent violators. */
interface Stack {
  readonly values: Float64Array
  readonly weights: Float64Array
}

/** Σ w·max(0, s·fit)² of the non-increasing fit of values[from … to), s = ±1: what speaks against s·f ≤ 0 there. */
function against(
  values: Float64Array,
  weights: Float64Array,
  [from, to, sign]: readonly [number, number, 1 | -1],
  stack: Stack,
): number {
  let top = -1
  for (let i = from; i < to; i++) {
    let value = values[i] ?? 0
    let weight = weights[i] ?? 0
    for (; top >= 0 && (stack.values[top] ?? 0) < value; top--) {
      const below = stack.weights[top] ?? 0
      value = ((stack.values[top] ?? 0) * below + value * weight) / (below + weight)
      weight += below
    }
    top++
    stack.values[top] = value
    stack.weights[top] = weight
  }
  let total = 0
  for (let b = 0; b <= top; b++) {
    const out = Math.max(0, sign * (stack.values[b] ?? 0))
    total += (stack.weights[b] ?? 0) * out * out
  }
  return total
}

/** By length: 0, or where the data have it, where that is surely off 0. */
const worstOf = (pools: readonly Pool[], runs: number): readonly number[] =>
  pools.flatMap(({ value, weight, size }) => {
    const isOff = Math.abs(value) * Math.sqrt(weight) > farOff(runs)
    return new Array<number>(size).fill(isOff ? value : 0)
  })

/**
 * The first and the last length that may be the first at or below 0, as indices; points.length: none of them is.
 * @param points in order of length; all with the same number of draws, at least 1
 * @param runs that they are the means of, in all
 */
export function bracket(points: readonly Noisy[], runs: number): readonly [number, number] {
  const size = points.length
  const weights = Float64Array.from(points, p => Math.max(standardError(p.noise), 1e-12) ** -2)
  const seen = Float64Array.from(points, p => p.value)
  const pools = pooled([...seen], [...weights])
  const fit = pools.flatMap(pool => new Array<number>(pool.size).fill(pool.value))
  const worst = worstOf(pools, runs)
  const stack = { values: new Float64Array(size), weights: new Float64Array(size) }
  const evidence = (values: Float64Array, first: number): number =>
    against(values, weights, [0, first, -1], stack) +
    against(values, weights, [first, size, 1], stack)
  const row = new Float64Array(size)
  /** Draws are made around the worst curve for which the hypothesis holds, of those that the data leave. */
  const isKept = (first: number): boolean => {
    const found = evidence(seen, first)
    const draws = points[0]?.noise.length ?? 0
    let larger = found === 0 ? draws : 0
    for (let r = 0; r < draws && larger < error95 * draws; r++) {
      for (let j = 0; j < size; j++) {
        const held = j < first ? Math.max(0, worst[j] ?? 0) : Math.min(0, worst[j] ?? 0)
        row[j] = held + (points[j]?.noise[r] ?? 0)
      }
      if (evidence(row, first) >= found) larger++
    }
    return larger >= error95 * draws
  }
  const at = fit.findIndex(value => value <= 0)
  const from = at < 0 ? size : at
  return [
    from - reach(i => i <= from && isKept(from - i)),
    from + reach(i => from + i <= size && isKept(from + i)),
  ]
}

/** How far out hypotheses are kept; one length that lies oddly does not end it, two in a row do. */
function reach(isKept: (distance: number) => boolean): number {
  let far = 0
  for (let i = 1; i <= far + 2; i++) if (isKept(i)) far = i
  return far
}
