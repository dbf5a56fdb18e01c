// Noise that changes with length. Longer prompts may train less evenly than short ones, and a variance pooled over all lengths
// is then too small just where it matters. Taken is σ²(length) = σ²·exp(b·x), x from −1 at the first point to 1 at the last
// (a log-linear variance function: Davidian & Carroll 1987, §2). b is not known: it is drawn from its posterior, σ² integrated
// out, beside a normal prior around 0, no change (Gelman et al. 2013, ch. 8 and 14). With b = 0 it is the pooled t.
import type { Rng } from '../stream/rng'
import { sum } from './numbers'

/**
 * Of b before anything is seen. Where four lengths or more have several seeds, the data say most of it, and noise in proportion
 * to length must be no surprise: b is ±4 for 1 to 64 tokens, ±7 for 1 to 1024. Where fewer have, they say little, and so wide a
 * prior would leave every length open that has one seed.
 */
const priorDeviation = (lengths: number): number => (lengths < 4 ? 3 : 6)

/** One length: where it is, its degrees of freedom, and its sum of squares. */
export interface SpreadAt {
  /** −1 … 1 */
  readonly x: number
  readonly freedom: number
  readonly squares: number
}

export interface SeedTrend {
  readonly freedom: number
  /** values of b, evenly apart, and how far their posterior has come: ascending, the last is 1 */
  readonly slopes: Float64Array
  readonly reached: Float64Array
  /** σ² of the middle at each b */
  readonly pooled: Float64Array
}

const steps = 121
const farthest = 9

/** undefined: nothing to learn from; every length has one seed, or all are alike. */
export function seedTrend(spreads: readonly SpreadAt[]): SeedTrend | undefined {
  const freedom = sum(spreads.map(s => s.freedom))
  if (freedom === 0 || sum(spreads.map(s => s.squares)) === 0) return undefined
  const slopes = Float64Array.from(
    { length: steps },
    (_, i) => farthest * ((2 * i) / (steps - 1) - 1),
  )
  const centre = sum(spreads.map(s => s.freedom * s.x))
  const scaled = slopes.map(b => sum(spreads.map(s => s.squares * Math.exp(-b * s.x))))
  const logs = slopes.map(
    (b, i) =>
      -0.5 * (b / priorDeviation(spreads.length)) ** 2 -
      (b * centre) / 2 -
      (freedom / 2) * Math.log(scaled[i] ?? 1),
  )
  const top = Math.max(...logs)
  const weights = logs.map(x => Math.exp(x - top))
  const total = sum(weights)
  let so = 0
  const reached = weights.map(w => {
    so += w / total
    return so
  })
  return { freedom, slopes, reached, pooled: scaled.map(s => s / freedom) }
}

/** One draw: the standard deviation at x, before its χ² is drawn. */
export function drawnTrend(trend: SeedTrend, random: Rng): (x: number) => number {
  const u = random.uniform()
  const at = trend.reached.findIndex(r => r >= u)
  const i = at < 0 ? trend.reached.length - 1 : at
  const [b, pooled] = [trend.slopes[i] ?? 0, trend.pooled[i] ?? 0]
  return x => Math.sqrt(pooled * Math.exp(b * x))
}
