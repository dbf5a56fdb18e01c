// The little statistics that the analysis needs; checked against tables in tests/analysis/numbers.test.ts.
import type { Rng } from '../stream/rng'

export const sum = (values: ArrayLike<number>): number => {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] ?? 0
  return total
}
export const mean = (values: ArrayLike<number>): number => sum(values) / values.length

/** Σ (x − mean)². */
export function squares(values: readonly number[]): number {
  const m = mean(values)
  return sum(values.map(v => (v - m) ** 2))
}
/** Unbiased variance; NaN for fewer than two values. */
export const variance = (values: readonly number[]): number =>
  values.length < 2 ? Number.NaN : squares(values) / (values.length - 1)

/** Value at share q of an ascending list, linear between order statistics; infinite ends stay infinite. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1)
  const low = Math.floor(at)
  const a = sorted[low] ?? Number.NaN
  const b = sorted[Math.min(low + 1, sorted.length - 1)] ?? a
  if (a === b || at === low) return a
  return Number.isFinite(a) && Number.isFinite(b) ? a + (at - low) * (b - a) : b
}

/** The 2.5 and 97.5 % order statistics of an ascending list, rounded outwards: a hair too wide rather than too narrow. */
export function middle95(sorted: ArrayLike<number>): readonly [number, number] {
  const last = sorted.length - 1
  return [
    sorted[Math.floor(0.025 * last)] ?? Number.NaN,
    sorted[Math.ceil(0.975 * last)] ?? Number.NaN,
  ]
}

/** Lanczos (g = 7, n = 9). */
function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
    -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
    1.5056327351493116e-7,
  ]
  const t = x + 6.5
  const series = c.slice(1).reduce((s, ci, i) => s + ci / (x + i), c[0] ?? 0)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series)
}

/** Regularised incomplete beta I_x(a, b), by Lentz's continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front =
    Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) /
    a
  const tiny = 1e-300
  let c = 1
  let d = 1 / Math.max(Math.abs(1 - ((a + b) * x) / (a + 1)), tiny)
  let f = d
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    for (const k of [even, odd]) {
      d = 1 / (1 + k * d || tiny)
      c = 1 + k / c || tiny
      f *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-14) break
  }
  return front * f
}

/** P(T ≤ t) for Student's t. */
export function tCdf(t: number, df: number): number {
  const tail = 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5)
  return t > 0 ? 1 - tail : tail
}

/** t with P(T ≤ t) = p, by bisection; p in (0, 1), df > 0 (Infinity: the normal's, to 1e-6). */
export function tQuantile(p: number, df: number): number {
  const nu = Number.isFinite(df) ? df : 1e7
  let low = -1e4
  let high = 1e4
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (tCdf(middle, nu) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(X > x) for chi-squared with df degrees: the upper incomplete gamma Q(df/2, x/2) (Press et al. 2007, §6.2). */
export function chiSquaredTail(x: number, df: number): number {
  if (x <= 0) return 1
  const a = df / 2
  const z = x / 2
  const front = Math.exp(a * Math.log(z) - z - logGamma(a))
  if (z < a + 1) {
    // the lower one, by its series
    let term = 1 / a
    let total = term
    for (let n = 1; term > total * 1e-16; n++) {
      term *= z / (a + n)
      total += term
    }
    return 1 - front * total
  }
  // Lentz's continued fraction
  let b = z + 1 - a
  let c = 1e300
  let d = 1 / b
  let f = d
  for (let n = 1; Math.abs(c * d - 1) > 1e-15 && n < 1000; n++) {
    const k = n * (a - n)
    b += 2
    d = 1 / (k * d + b)
    c = b + k / c
    f *= c * d
  }
  return front * f
}

/** A draw of chi-squared: twice a gamma of shape df/2 (Marsaglia and Tsang 2000; below shape 1 by their boost). */
export function chiSquaredDraw(rng: Rng, df: number): number {
  const shape = df / 2
  if (shape < 1) return chiSquaredDraw(rng, df + 2) * rng.uniform() ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  while (true) {
    const x = rng.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
      return 2 * d * v
  }
}

/** 97.5 % point of t: half-width of a 95 % interval in standard errors. */
export const t975 = (df: number): number => tQuantile(0.975, df)
