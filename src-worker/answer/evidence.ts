// What the runs so far say of the target: the bracket of the analysis, on the curve of the way of training that won the pilot.
import { curveDraws } from '../analysis/draws'
import { mean, middle95 } from '../analysis/numbers'
import { agreeExactly, type SampledPoint } from '../analysis/seed-noise'
import { tokensNeeded } from '../analysis/threshold'
import type { HeldOut } from '../contract/analysed-run'
import { pilot } from './pilot'
import { pointsOf } from './points'
import type { Evidence, Question, Range, Trial } from './question'

/** A trial with what it was tested on, as costs, for the noise of the test. */
export interface MeasuredTrial extends Trial {
  readonly heldOut?: HeldOut | undefined
  /** its cost is a share p, as −p, or p where less is better */
  readonly isShare?: boolean
}

const draws = 2000

/** Whether the last of these surely lies below the one before. */
function improving(points: readonly SampledPoint[]): boolean | undefined {
  const [before, last] = curveDraws(points, draws, 'answer').slice(-2)
  if (!before || !last || last.over === 'units') return undefined
  const gains = before.values.map((cost, i) => cost - (last.values[i] ?? Number.NaN))
  return middle95(gains.sort())[0] > 0
}

/** @param isTested without it, seeds that agree exactly are taken at their word: another one would hardly tell more */
function rangeOf(
  question: Question,
  points: readonly SampledPoint[],
  tokens: readonly number[],
  isTested: boolean,
): Range | null {
  const noise = curveDraws(points, draws, 'answer')
  const isExact = !isTested && agreeExactly(points)
  // one seed at every length: the noise of training is not known, whatever the test says
  if (!isExact && noise.some(n => n === null || n.over === 'units')) return null
  const curve = {
    tokens,
    points: points.map((p, i) => {
      const cost = mean(p.seeds.map(s => s.value))
      const values = isExact ? new Float64Array(draws).fill(cost) : noise[i]?.values
      return { cost, draws: values ?? null }
    }),
    weights: points.map(p => p.seeds.length),
    baseline: undefined,
  }
  const { needed } = tokensNeeded(curve, { kind: 'absolute', cost: question.target ?? Number.NaN })
  if (needed.kind === 'unknown' || needed.interval === null) return null
  const { low, high } = needed.interval
  return {
    low: low.kind === 'by' ? 0 : low.tokens,
    high: high.kind === 'beyond' ? Number.POSITIVE_INFINITY : high.tokens,
  }
}

/** The better baseline against the target; without held-out units it stands where it was measured. */
function baselineOf({ target }: Question, trials: readonly MeasuredTrial[]): Evidence['baseline'] {
  const bare = trials.filter(t => t.kind === 'none' || t.kind === 'start-token')
  const [best] = bare.sort((a, b) => a.cost - b.cost)
  if (best === undefined || target === null || Number.isNaN(best.cost + target)) return 'unknown'
  const sampled = {
    kind: 'baseline' as const,
    seeds: [{ value: best.cost, heldOut: best.heldOut }],
  }
  const [noise] = curveDraws([sampled], draws, 'baseline')
  const [low, high] = noise ? middle95(noise.values.slice().sort()) : [best.cost, best.cost]
  return high <= target ? 'there' : low <= target ? 'open' : 'below'
}

/** Deterministic: the same trials say the same. */
export function evidenceOf(question: Question, trials: readonly MeasuredTrial[]): Evidence {
  const arm = pilot(question, trials)
  const points = 'kind' in arm ? [] : pointsOf(question, trials, arm)
  const sampled = points.map(point => ({
    kind: 'trained' as const,
    isShare: point.trials.every((t: MeasuredTrial) => t.isShare === true),
    seeds: point.trials.map((t: MeasuredTrial) => ({ value: t.cost, heldOut: t.heldOut })),
  }))
  const baseline = baselineOf(question, [...trials])
  if (question.target === null || points.length === 0) {
    const unknown = { range: null, rangeOfTraining: null }
    return { trials, baseline, ...unknown, isImproving: improving(sampled) }
  }
  const tokens = points.map(p => p.tokens)
  const untested = sampled.map(({ seeds, ...point }) => ({
    ...point,
    seeds: seeds.map(({ value }) => ({ value, heldOut: undefined })),
  }))
  const range = rangeOf(question, sampled, tokens, true)
  return { trials, baseline, range, rangeOfTraining: rangeOf(question, untested, tokens, false) }
}
