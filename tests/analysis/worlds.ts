// Worlds whose truth is known: a true curve as a function of the number of tokens, the lengths measured, and how measuring is
// noisy. Coverage is the share of worlds whose interval holds the true number of tokens. Used by coverage.test.ts, and with
// more worlds by bench/coverage.ts.
import { curveDraws } from '../../src-worker/analysis/draws'
import type { SampledPoint } from '../../src-worker/analysis/seed-noise'
import { type CostCurve, tokensNeeded, type Uncertain } from '../../src-worker/analysis/threshold'
import type { Bound } from '../../src-worker/contract/needed'
import { type Rng, rng } from '../../src-worker/stream/rng'

export interface World {
  readonly name: string
  /** true cost at n tokens; does not rise */
  readonly truth: (tokens: number) => number
  readonly level: number
  readonly tokens: readonly number[]
  readonly sample: Sample
  /** the bracket is wider than the gap between two lengths: noise decides, and 99 % would be too wide */
  readonly noisy?: boolean
}
type Costs = readonly number[]
type Sample = (random: Rng, costs: Costs, tokens: readonly number[]) => SampledPoint[]

/** So many seeds at each length, with normal noise that depends on it. */
export const uneven =
  (counts: readonly number[], noise: (tokens: number) => number): Sample =>
  (random, costs, tokens) =>
    costs.map((cost, i) => ({
      kind: 'trained',
      seeds: Array.from({ length: counts[i] ?? 1 }, () => ({
        value: cost + noise(tokens[i] ?? 1) * random.normal(),
        heldOut: undefined,
      })),
    }))

/** S seeds with normal noise at each length. */
export const seeds = (count: number, noise: number): Sample =>
  uneven(new Array(99).fill(count), () => noise)

/** S seeds, all tested on the same n documents of uneven length, whose effects are shared by all lengths. */
export const documents =
  (n: number, effect: number, count = 1, seedNoise = 0): Sample =>
  (random, costs) => {
    const effects = Array.from({ length: n }, () => effect * random.normal())
    const counts = Array.from({ length: n }, () => 20 + random.below(200))
    const total = counts.reduce((a, b) => a + b, 0)
    return costs.map(cost => ({
      kind: 'trained' as const,
      seeds: Array.from({ length: count }, () => {
        const shift = seedNoise * random.normal()
        const sums = counts.map(
          (c, i) => c * (cost + shift + (effects[i] ?? 0) + 0.05 * random.normal()),
        )
        const value = sums.reduce((a, b) => a + b, 0) / total
        return { value, heldOut: { unit: 'document' as const, set: 'same', sums, counts } }
      }),
    }))
  }

/** The least n with f(n) ≤ level, by bisection on log n; 0 when 1 token is enough, Infinity beyond 10⁶. */
export function trueTokens({ truth, level }: Pick<World, 'truth' | 'level'>): number {
  if (truth(1) <= level) return 0
  if (truth(1e6) > level) return Number.POSITIVE_INFINITY
  let low = 1
  let high = 1e6
  for (let i = 0; i < 80; i++) {
    const middle = Math.sqrt(low * high)
    if (truth(middle) > level) low = middle
    else high = middle
  }
  return high
}

const lowEnd = (bound: Bound): number => (bound.kind === 'by' ? 0 : bound.tokens)
const highEnd = (bound: Bound): number =>
  bound.kind === 'beyond' ? Number.POSITIVE_INFINITY : bound.tokens

export interface Coverage {
  readonly truth: number
  /** share of worlds whose interval (low, high] holds the truth */
  readonly rate: number
  /** geometric means of the ends; 'beyond' counts as twice the longest length */
  readonly low: number
  readonly high: number
}

export function coverage(world: World, worlds: number, draws: number): Coverage {
  const truth = trueTokens(world)
  const longest = 2 * (world.tokens.at(-1) ?? 1)
  let held = 0
  let lows = 0
  let highs = 0
  for (let w = 0; w < worlds; w++) {
    const name = `${world.name} ${w}`
    const sampled = world.sample(rng(20_26, name), world.tokens.map(world.truth), world.tokens)
    const all = curveDraws(sampled, draws, name)
    const points: Uncertain[] = sampled.map((p, i) => ({
      cost: p.seeds.reduce((s, { value }) => s + value, 0) / p.seeds.length,
      draws: all[i]?.values ?? null,
    }))
    const weights = sampled.map(p => p.seeds.length)
    const curve: CostCurve = { tokens: world.tokens, points, weights, baseline: undefined }
    const { needed } = tokensNeeded(curve, { kind: 'absolute', cost: world.level })
    if (needed.kind === 'unknown' || needed.interval === null) throw new Error('no interval')
    const low = lowEnd(needed.interval.low)
    const high = highEnd(needed.interval.high)
    if (truth === 0 ? low === 0 : low < truth && truth <= high) held++
    lows += Math.log(Math.max(low, 0.5))
    highs += Math.log(Math.min(high, longest))
  }
  return {
    truth,
    rate: held / worlds,
    low: Math.exp(lows / worlds),
    high: Math.exp(highs / worlds),
  }
}

const by4 = [1, 4, 16, 64]
const by2 = [1, 2, 4, 8, 16, 32, 64]
export const dense = [1, 2, 3, 4, 6, 9, 13, 19, 28, 40, 60]
const power = (n: number): number => 2 + 2 * n ** -0.5
const slow = (n: number): number => 3 - 0.1 * Math.log2(n)

/** Seen while the method was chosen. */
export const before: readonly World[] = [
  { name: 'power −½, lengths ×4', truth: power, level: 2.7, tokens: by4, sample: seeds(3, 0.02) },
  { name: 'power −½, lengths ×2', truth: power, level: 2.7, tokens: by2, sample: seeds(3, 0.02) },
  {
    name: 'power −1, lengths ×4',
    truth: n => 1 + 3 / n,
    level: 1.4,
    tokens: by4,
    sample: seeds(3, 0.02),
  },
  {
    name: 'sharp step at 11',
    truth: n => (n < 11 ? 3 : 1),
    level: 2,
    tokens: by4,
    sample: seeds(3, 0.05),
  },
  {
    name: 'power −½, much noise',
    truth: power,
    level: 2.7,
    tokens: by2,
    sample: seeds(3, 0.3),
    noisy: true,
  },
  {
    name: 'slow fall, the level just before a length',
    truth: slow,
    level: slow(7.9),
    tokens: by2,
    sample: seeds(3, 0.1),
    noisy: true,
  },
  {
    name: 'slow fall, many lengths, two seeds',
    truth: slow,
    level: slow(7),
    tokens: dense,
    sample: seeds(2, 0.15),
    noisy: true,
  },
  {
    name: 'a plateau a tenth of its error below the level',
    truth: n => (n < 7.9 ? 3 : 1.995),
    level: 2,
    tokens: by2,
    sample: seeds(2, 0.087),
    noisy: true,
  },
]

/** Written later. One rule was still changed on seeing them: two lengths dropped in a row, not one, end the bracket. */
export const after: readonly World[] = [
  {
    name: 'logistic in log tokens',
    truth: n => 1.2 + 1.8 / (1 + (n / 14) ** 1.5),
    level: 1.9,
    tokens: by2,
    sample: seeds(3, 0.25),
    noisy: true,
  },
  {
    name: 'two steps, the level between them',
    truth: n => (n < 3 ? 4 : n < 23 ? 2.6 : 1.4),
    level: 2,
    tokens: by4,
    sample: seeds(2, 0.2),
  },
  {
    name: 'two small steps under much noise',
    truth: n => (n < 3 ? 2.3 : n < 23 ? 2.1 : 1.9),
    level: 2,
    tokens: dense,
    sample: seeds(3, 0.2),
    noisy: true,
  },
  {
    name: 'bent: steep to 5 tokens, then nearly flat above the level',
    truth: n => (n < 5 ? 4 - Math.log2(n) : 4 - Math.log2(5) - 0.04 * Math.log2(n / 5)),
    level: 1.6,
    tokens: by2,
    sample: seeds(4, 0.06),
    noisy: true,
  },
  {
    name: 'exponential, one seed on 150 documents',
    truth: n => 1.5 + 2 * Math.exp(-n / 12),
    level: 2.05,
    tokens: by2,
    sample: documents(150, 0.8),
  },
  {
    name: 'slow fall, one seed on 80 documents whose luck all lengths share',
    truth: n => 2.4 - 0.08 * Math.log(n),
    level: 2.4 - 0.08 * Math.log(6.5),
    tokens: dense,
    sample: documents(80, 0.6),
    noisy: true,
  },
  {
    name: 'power −¼, two seeds on 60 documents',
    truth: n => 1 + 1.5 * n ** -0.25,
    level: 1.8,
    tokens: by2,
    sample: documents(60, 0.3, 2, 0.08),
    noisy: true,
  },
  {
    name: 'never: it levels off above',
    truth: n => 2.05 + 1.2 / n,
    level: 2,
    tokens: by4,
    sample: seeds(3, 0.06),
  },
  {
    name: 'one token is enough, by a little',
    truth: n => 1.95 - 0.1 * Math.log2(n),
    level: 2,
    tokens: by4,
    sample: seeds(3, 0.15),
  },
]
