// The promise of an interval: on curves whose truth is known, 95 % intervals hold it 93 to 97 times in 100.
import { describe, expect, test } from 'vitest'
import { curveDraws, type SampledPoint } from '../../src-worker/analysis/draws'
import { middle95 } from '../../src-worker/analysis/numbers'
import {
  type CostCurve,
  type CostThreshold,
  tokensNeeded,
  type Uncertain,
} from '../../src-worker/analysis/threshold'
import type { Bound } from '../../src-worker/contract/analysis'
import { type Rng, rng } from '../../src-worker/stream/rng'

const worlds = Number(process.env.SPW_COVERAGE_WORLDS ?? 800) // by hand 4000
const draws = 500

/** Whether low ≤ truth ≤ high, censored ends included. truth: 0 or ≤ first: by the first; Infinity: never. */
function holds(interval: { low: Bound; high: Bound }, truth: number, first: number): boolean {
  const below = (b: Bound): boolean =>
    b.kind === 'by'
      ? true
      : b.kind === 'at'
        ? b.tokens <= truth
        : truth === Number.POSITIVE_INFINITY
  const above = (b: Bound): boolean =>
    b.kind === 'by'
      ? truth <= Math.max(b.tokens, first)
      : b.kind === 'at'
        ? truth <= b.tokens
        : true
  return below(interval.low) && above(interval.high)
}

interface World {
  readonly name: string
  readonly tokens: readonly number[]
  /** true costs at these lengths */
  readonly truth: readonly number[]
  readonly baseline?: number
  readonly threshold: CostThreshold
  readonly sample: (random: Rng, cost: number, tokens: number) => SampledPoint
}

/** S seeds with normal noise. */
const seeds =
  (count: number, noise: (tokens: number) => number) =>
  (random: Rng, cost: number, tokens: number): SampledPoint => ({
    kind: tokens === 0 ? 'baseline' : 'trained',
    seeds: Array.from({ length: tokens === 0 ? 1 : count }, () => ({
      value: tokens === 0 ? cost : cost + noise(tokens) * random.normal(),
      heldOut: undefined,
    })),
  })

/** Straight on log tokens between the true points: what the analysis can know of a curve. */
function trueCrossing(world: World): number {
  const points = world.truth.map(cost => ({ cost, draws: null }))
  const baseline = world.baseline === undefined ? undefined : { cost: world.baseline, draws: null }
  const weights = points.map(() => 1)
  const { needed } = tokensNeeded({ ...world, points, weights, baseline }, world.threshold)
  if (needed.kind === 'reached' || needed.kind === 'reached-by-first') return needed.tokens
  return Number.POSITIVE_INFINITY
}

function coverage(world: World): number {
  const random = rng(20_26, world.name)
  const truth = trueCrossing(world)
  let held = 0
  for (let w = 0; w < worlds; w++) {
    const sampled = world.tokens.map((t, i) => world.sample(random, world.truth[i] ?? 0, t))
    const all = curveDraws(sampled, draws, `${world.name} ${w}`)
    const points: Uncertain[] = sampled.map((p, i) => ({
      cost: p.seeds.reduce((s, { value }) => s + value, 0) / p.seeds.length,
      draws: all[i]?.values ?? null,
    }))
    const curve: CostCurve = {
      tokens: world.tokens,
      points,
      weights: sampled.map(p => p.seeds.length),
      baseline: world.baseline === undefined ? undefined : { cost: world.baseline, draws: null },
    }
    const { needed } = tokensNeeded(curve, world.threshold)
    if (needed.kind === 'unknown' || needed.interval === null) throw new Error('no interval')
    if (holds(needed.interval, truth, world.tokens[0] ?? 0)) held++
  }
  return held / worlds
}

const straight = [3.4, 3.15, 2.9, 2.65]
const bent = [4.0, 1.15, 0.76, 0.68, 0.64]
const grid = [1, 4, 16, 64]

/** n documents of uneven length, losses with document effects shared by all lengths, and a little noise of each alone. */
const documents = (n: number) => {
  const sums = (random: Rng): { effects: number[]; counts: number[] } => ({
    effects: Array.from(
      { length: n },
      () => 0.4 * random.normal() + 0.2 * (random.normal() ** 2 - 1),
    ),
    counts: Array.from({ length: n }, () => 20 + random.below(200)),
  })
  let world: ReturnType<typeof sums> | undefined
  return (random: Rng, cost: number, tokens: number): SampledPoint => {
    if (tokens === 1) world = sums(random)
    const { effects, counts } = world ?? sums(random)
    const losses = counts.map((c, i) => c * (cost + (effects[i] ?? 0) + 0.05 * random.normal()))
    const total = counts.reduce((a, b) => a + b, 0)
    return {
      kind: 'trained',
      seeds: [
        {
          value: losses.reduce((a, b) => a + b, 0) / total,
          heldOut: { unit: 'document', set: 'same', sums: losses, counts },
        },
      ],
    }
  }
}

/** Three seeds with noise of their own, all tested on the same n documents. */
const seedsOnDocuments = (n: number) => {
  const one = documents(n)
  return (random: Rng, cost: number, tokens: number): SampledPoint => {
    const lead = one(random, cost, tokens).seeds[0]?.heldOut
    const sums = lead?.sums ?? []
    const counts = lead?.counts ?? []
    const total = counts.reduce((a, b) => a + b, 0)
    const seed = () => {
      const shift = 0.03 * random.normal()
      const own = sums.map((s, i) => s + shift * (counts[i] ?? 0))
      const value = own.reduce((a, b) => a + b, 0) / total
      return { value, heldOut: { unit: 'document' as const, set: 'same', sums: own, counts } }
    }
    return { kind: 'trained', seeds: [seed(), seed(), seed()] }
  }
}

const mostOfTheGap = {
  baseline: 4,
  threshold: { kind: 'share', share: 0.9 },
  sample: seeds(3, () => 0.03),
} as const

const table: readonly World[] = [
  {
    name: '3 seeds, straight curve',
    tokens: grid,
    truth: straight,
    threshold: { kind: 'absolute', cost: 3.02 },
    sample: seeds(3, () => 0.03),
  },
  {
    name: '2 seeds, straight curve',
    tokens: grid,
    truth: straight,
    threshold: { kind: 'absolute', cost: 2.8 },
    sample: seeds(2, () => 0.03),
  },
  {
    name: '5 seeds, bent curve, threshold where it flattens',
    tokens: [1, 2, 4, 16, 64],
    truth: bent,
    threshold: { kind: 'absolute', cost: 0.72 },
    sample: seeds(5, () => 0.02),
  },
  {
    name: '8 seeds, noise four times larger for short prompts',
    tokens: grid,
    truth: straight,
    threshold: { kind: 'absolute', cost: 3.02 },
    sample: seeds(8, t => (t <= 4 ? 0.08 : 0.02)),
  },
  {
    name: '3 seeds, 90 % of the gap',
    tokens: grid,
    truth: [1.9, 1.5, 1.3, 1.1],
    ...mostOfTheGap,
  },
  {
    name: '3 seeds, 90 % of the gap of a curve that is flat from 4 tokens on',
    tokens: grid,
    truth: [3.4, 2.5, 2.5, 2.5],
    ...mostOfTheGap,
  },
  {
    name: '3 seeds, 90 % of the gap of a curve that falls slowly from 4 tokens on',
    tokens: grid,
    truth: [3.4, 2.52, 2.5, 2.48],
    ...mostOfTheGap,
  },
  {
    name: 'one seed, 60 documents tested at every length',
    tokens: grid,
    truth: straight,
    threshold: { kind: 'absolute', cost: 3.02 },
    sample: documents(60),
  },
  {
    name: 'one seed, 120 documents tested at every length',
    tokens: grid,
    truth: straight,
    threshold: { kind: 'absolute', cost: 2.8 },
    sample: documents(120),
  },
  {
    name: '3 seeds, 60 documents',
    tokens: grid,
    truth: straight,
    threshold: { kind: 'absolute', cost: 2.8 },
    sample: seedsOnDocuments(60),
  },
  {
    name: 'threshold on a measured length',
    tokens: grid,
    truth: straight,
    threshold: { kind: 'absolute', cost: 2.9 },
    sample: seeds(3, () => 0.03),
  },
]

describe('tokens needed', () => {
  test.each(table)('$name', world => {
    const rate = coverage(world)
    if (process.env.SPW_COVERAGE_WORLDS) console.log(world.name, rate)
    expect(rate).toBeGreaterThanOrEqual(0.93)
    expect(rate).toBeLessThanOrEqual(0.97)
  })
})

describe('points', () => {
  const cases = [
    { name: '2 seeds at 4 lengths', sample: seeds(2, () => 0.1) },
    { name: '4 seeds at 4 lengths', sample: seeds(4, () => 0.1) },
    { name: '40 documents', sample: documents(40) },
  ]
  test.each(cases)('$name: the interval of a value holds it', ({ name, sample }) => {
    const random = rng(7, name)
    let held = 0
    for (let w = 0; w < worlds; w++) {
      const sampled = grid.map((t, i) => sample(random, straight[i] ?? 0, t))
      const values = curveDraws(sampled, draws, `${name} ${w}`)[1]?.values.slice().sort()
      if (values === undefined) throw new Error('no draws')
      const [low, high] = middle95(values)
      if (low <= 3.15 && 3.15 <= high) held++
    }
    if (process.env.SPW_COVERAGE_WORLDS) console.log(name, held / worlds)
    expect(held / worlds).toBeGreaterThanOrEqual(0.93)
    expect(held / worlds).toBeLessThanOrEqual(0.97)
  })
})
