// How often the 95 % interval of a world holds its truth, and why it is as wide as it is. Used by coverage.test.ts, and with
// more worlds by bench/coverage.ts.
import { curveDraws } from '../../src-worker/analysis/draws'
import { type CostCurve, tokensNeeded, type Uncertain } from '../../src-worker/analysis/threshold'
import type { Bound } from '../../src-worker/contract/needed'
import { rng } from '../../src-worker/stream/rng'
import type { World } from './worlds'

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
  /** share of worlds whose interval is another than that of the curve without noise: above a half, noise decides */
  readonly noise: number
  /** geometric means of the ends; 'beyond' counts as twice the longest length */
  readonly low: number
  readonly high: number
  /** median of high / low, where low is at least ½ */
  readonly width: number
}

/** Deviations from the truth as they really are: what no number of seeds could tell better. [lengths][draws] */
function trueNoise({ sample, truth, tokens, name }: World, draws: number): Float64Array[] {
  const costs = tokens.map(truth)
  const random = rng(20_27, name)
  const columns = tokens.map(() => new Float64Array(draws))
  for (let r = 0; r < draws; r++)
    for (const [i, { seeds: own }] of sample(random, costs, tokens).entries())
      columns[i]?.set(
        [own.reduce((s, { value }) => s + value, -(costs[i] ?? 0) * own.length) / own.length],
        r,
      )
  return columns
}

const middleOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** @param known the noise of the world instead of what its seeds and units tell of it */
export function coverage(world: World, worlds: number, draws: number, known = false): Coverage {
  const truth = trueTokens(world)
  const { tokens, level } = world
  const longest = 2 * (tokens.at(-1) ?? 1)
  const first = tokens.findIndex(n => world.truth(n) <= level)
  const free =
    first < 0 ? [tokens.at(-1), Number.POSITIVE_INFINITY] : [tokens[first - 1] ?? 0, tokens[first]]
  const noise = known ? trueNoise(world, draws) : []
  const ends = Array.from({ length: worlds }, (_, w) => {
    const name = `${world.name} ${w}`
    const sampled = world.sample(rng(20_26, name), tokens.map(world.truth), tokens)
    const all = known ? [] : curveDraws(sampled, draws, name)
    const points: Uncertain[] = sampled.map((p, i) => {
      const cost = p.seeds.reduce((s, { value }) => s + value, 0) / p.seeds.length
      return { cost, draws: noise[i]?.map(x => x + cost) ?? all[i]?.values ?? null }
    })
    const weights = sampled.map(p => p.seeds.length)
    const curve: CostCurve = { tokens, points, weights, baseline: undefined }
    const { needed } = tokensNeeded(curve, { kind: 'absolute', cost: level })
    if (needed.kind === 'unknown' || needed.interval === null) throw new Error('no interval')
    return { low: lowEnd(needed.interval.low), high: highEnd(needed.interval.high) }
  })
  const share = (is: (end: (typeof ends)[number]) => boolean): number =>
    ends.filter(is).length / worlds
  const lows = ends.map(({ low }) => Math.log(Math.max(low, 0.5)))
  const highs = ends.map(({ high }) => Math.log(Math.min(high, longest)))
  const middle = (logs: readonly number[]): number =>
    Math.exp(logs.reduce((a, b) => a + b, 0) / worlds)
  return {
    truth,
    rate: share(({ low, high }) => (truth === 0 ? low === 0 : low < truth && truth <= high)),
    noise: share(({ low, high }) => low !== free[0] || high !== free[1]),
    low: middle(lows),
    high: middle(highs),
    width: Math.exp(middleOf(lows.map((low, i) => (highs[i] ?? 0) - low))),
  }
}
