// What a curve that does not rise with length tells of the first length at which it is at or below 0: a bracket of measured
// lengths. Each "the i-th length is the first" is a hypothesis: all points before it lie above 0, all from it on do not. It is
// kept unless more speaks against it than in 95 % of what it could itself have shown (test inversion; limits under
// monotonicity: Morris 1988). Against it speaks each mean of neighbours that ends right before it and lies below 0, and each
// that begins with it and lies above, in its own standard errors; the largest counts (Dümbgen & Spokoiny 2001). So lengths
// that agree are taken together, and where they share their noise, which no mean takes away, the nearest one decides.
// What it could have shown depends on how far off 0 the other lengths lie, which is not known. A length counts as on 0, the
// worst for the test, unless it surely lies farther off (moment selection: Andrews & Soares 2010; in two steps: Romano,
// Shaikh & Wolf 2014). Nothing is assumed of the curve between the lengths measured.
import { pooled } from './monotone'
import { quantile } from './numbers'

/** A measured value, and deviations that it could as well have shown, centred on 0: [draws]. */
export interface Noisy {
  readonly value: number
  readonly noise: Float64Array
}

/** Standard errors that noise exceeds once in 200 times to one side. */
const farOff = 2.576

/** 5 %, less the once in 200 times that a length is taken for far off and is not (Romano, Shaikh & Wolf 2014). */
const error95 = 0.05 - 0.005

/** So many draws tell a standard error to 5 %, as near as a scale of a test need be. */
const enough = 500

/** Half of the middle 68 % of the draws: a standard error that a few wild draws of a small t cannot spoil. */
function standardError(noise: Float64Array): number {
  const sorted = noise.slice(0, enough).sort()
  return Math.max((quantile(sorted, 0.8413) - quantile(sorted, 0.1587)) / 2, 1e-12)
}

interface Scales {
  /** 1 / squared standard error of each length */
  readonly weights: Float64Array
  /** by first and last length: the standard error of their weighted mean */
  readonly errors: readonly Float64Array[]
}

function scalesOf(points: readonly Noisy[]): Scales {
  const weights = Float64Array.from(points, p => standardError(p.noise) ** -2)
  const errors = points.map((_, from) => {
    const own = new Float64Array(points.length)
    const total = new Float64Array(Math.min(enough, points[from]?.noise.length ?? 0))
    let weight = 0
    for (let to = from; to < points.length; to++) {
      const w = weights[to] ?? 0
      weight += w
      for (let r = 0; r < total.length; r++)
        total[r] = (total[r] ?? 0) + w * (points[to]?.noise[r] ?? 0)
      own[to] = standardError(total) / weight
    }
    return own
  })
  return { weights, errors }
}

/** What speaks against "this is the first": how far a mean lies on the wrong side, in its standard errors; at least 0. */
function against(values: Float64Array, first: number, { weights, errors }: Scales): number {
  let [total, weight, most] = [0, 0, 0]
  for (let to = first; to < values.length; to++) {
    weight += weights[to] ?? 0
    total += (weights[to] ?? 0) * (values[to] ?? 0)
    most = Math.max(most, total / weight / (errors[first]?.[to] ?? 1))
  }
  total = 0
  weight = 0
  for (let from = first - 1; from >= 0; from--) {
    weight += weights[from] ?? 0
    total += (weights[from] ?? 0) * (values[from] ?? 0)
    most = Math.max(most, -total / weight / (errors[from]?.[first - 1] ?? 1))
  }
  return most
}

/**
 * The first and the last length that may be the first at or below 0, as indices; points.length: none of them is.
 * @param points in order of length; all with the same number of draws, at least 1
 */
export function bracket(points: readonly Noisy[]): readonly [number, number] {
  const size = points.length
  const scales = scalesOf(points)
  const seen = Float64Array.from(points, p => p.value)
  const pools = pooled([...seen], [...scales.weights])
  const fit = pools.flatMap(pool => new Array<number>(pool.size).fill(pool.value))
  /** By length: 0, or where the data have it, where that is surely off 0. */
  const worst = pools.flatMap(({ value, from, size: length }) => {
    const error = scales.errors[from]?.[from + length - 1] ?? 1
    return new Array<number>(length).fill(Math.abs(value) > farOff * error ? value : 0)
  })
  const row = new Float64Array(size)
  /** Draws are made around the worst curve for which the hypothesis holds, of those that the data leave. */
  const isKept = (first: number): boolean => {
    const found = against(seen, first, scales)
    const draws = points[0]?.noise.length ?? 0
    let larger = found === 0 ? draws : 0
    for (let r = 0; r < draws && larger < error95 * draws; r++) {
      for (let j = 0; j < size; j++) {
        const held = j < first ? Math.max(0, worst[j] ?? 0) : Math.min(0, worst[j] ?? 0)
        row[j] = held + (points[j]?.noise[r] ?? 0)
      }
      if (against(row, first, scales) >= found) larger++
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
