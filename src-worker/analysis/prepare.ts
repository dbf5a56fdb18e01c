// The slow half of the analysis: runs sorted into curves, each point with its draws and its guards. It depends on the runs
// and the metric only, so an app that moves a threshold keeps it.
import type { AnalysedRun, HeldOut } from '../contract/analysed-run'
import type { Guard } from '../contract/analysis'
import { guardsOf } from './converge'
import type { PointDraws } from './draws'
import { type Group, givenPrompt, grouped, replacementOf, type Skipped, sameCurve } from './group'
import { keptDraws } from './kept-draws'
import type { Metric } from './metric'
import { mean } from './numbers'
import type { SampledPoint } from './seed-noise'
import { lostSeeds, testGuards } from './test-guards'
import { bestCost, type Uncertain } from './threshold'

/** Costs: lower is better, losses in nats. */
export interface PreparedPoint {
  readonly tokens: number
  readonly runs: readonly AnalysedRun[]
  readonly costs: readonly number[]
  /** mean of costs */
  readonly cost: number
  readonly draws: PointDraws | null
  readonly guards: readonly Guard[]
}
export interface PreparedCurve {
  readonly group: Group
  /** lengths ≥ 1, ascending */
  readonly trained: readonly PreparedPoint[]
  readonly untrained: readonly PreparedPoint[]
  readonly none: PreparedPoint | undefined
  readonly startToken: PreparedPoint | undefined
  /** texts, prompts of other programs and controls, each a point */
  readonly given: readonly PreparedPoint[]
  /** the trained points that tokens needed are read from */
  readonly read: readonly PreparedPoint[]
  /** the lowest cost, after what noise alone can explain is taken out; undefined without trained points */
  readonly best: Uncertain | undefined
}
export interface CurveSet {
  readonly curves: readonly PreparedCurve[]
  readonly skipped: readonly Skipped[]
  /** runs that have the metric */
  readonly runs: readonly AnalysedRun[]
}

type Baselines = Pick<PreparedCurve, 'none' | 'startToken'>

/** The baseline that gains are read against. */
export function betterBaseline({ none, startToken }: Baselines): PreparedPoint | undefined {
  if (none === undefined || startToken === undefined) return none ?? startToken
  return startToken.cost < none.cost ? startToken : none
}

const metricValue = (run: AnalysedRun, tag: string): number | undefined => {
  const value = run.metrics[tag]
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

function costHeldOut(run: AnalysedRun, metric: Metric): HeldOut | undefined {
  const heldOut = run.heldOut[metric.info.tag]
  return heldOut && { ...heldOut, sums: heldOut.sums.map(metric.cost) }
}

interface Sampled {
  readonly tokens: number
  readonly kind: SampledPoint['kind']
  readonly runs: readonly AnalysedRun[]
}

function byTokens(runs: readonly AnalysedRun[], kind: SampledPoint['kind']): Sampled[] {
  const lengths = [...new Set(runs.map(run => run.tokens))].sort((a, b) => a - b)
  return lengths.map(tokens => ({ tokens, kind, runs: runs.filter(run => run.tokens === tokens) }))
}

/** Each text and each file is a point of its own. */
function byPrompt(runs: readonly AnalysedRun[]): Sampled[] {
  const prompts = [...new Set(runs.map(givenPrompt))]
  const points = prompts.flatMap(prompt =>
    byTokens(
      runs.filter(run => givenPrompt(run) === prompt),
      'baseline',
    ),
  )
  return points.sort((a, b) => a.tokens - b.tokens)
}

const bare = (sampled: Sampled, draws: PointDraws | null, metric: Metric): PreparedPoint => {
  const costs = sampled.runs.map(run =>
    metric.cost(metricValue(run, metric.info.tag) ?? Number.NaN),
  )
  const { tokens, runs } = sampled
  return { tokens, runs, costs, cost: mean(costs), draws, guards: [] }
}

export const uncertain = (point: PreparedPoint): Uncertain => ({
  cost: point.cost,
  draws: point.draws?.values ?? null,
})

export const measured = (points: readonly PreparedPoint[]) => ({
  points: points.map(uncertain),
  weights: points.map(p => p.runs.length),
})

/**
 * The points that the curve is read from. One that surely ends above a shorter prompt has missed its optimum: pooled
 * with its neighbours it would lift the best seen, and a behaviour would look nearer because a training failed.
 */
const readable = (trained: readonly PreparedPoint[]): readonly PreparedPoint[] =>
  trained.filter(p => !p.guards.some(g => g.kind === 'missed-optimum'))

interface Preparing {
  readonly metric: Metric
  readonly draws: number
  /** trained runs that failed on their way: no point stands for them */
  readonly failed: readonly AnalysedRun[]
}

function prepareCurve(group: Group, { metric, draws, failed }: Preparing): PreparedCurve {
  const parts = [
    byTokens(group.trained, 'trained'),
    byTokens(group.untrained, 'untrained'),
    byTokens(group.none, 'baseline'),
    byTokens(group.startToken, 'baseline'),
    byPrompt(group.given),
  ]
  const all = parts.flat()
  const { isShare } = metric
  const sampled = all.map(({ kind, runs }) => ({
    ...{ kind, isShare },
    seeds: runs.map(run => ({
      value: metric.cost(metricValue(run, metric.info.tag) ?? Number.NaN),
      heldOut: costHeldOut(run, metric),
    })),
  }))
  const noise = keptDraws(sampled, draws, `${group.id} ${metric.info.tag}`)
  const points = all.map((point, i) => bare(point, noise[i] ?? null, metric))
  const take = (part: number): PreparedPoint[] => {
    const from = parts.slice(0, part).flat().length
    return points.slice(from, from + (parts[part]?.length ?? 0))
  }
  const curve = {
    group,
    trained: take(0),
    untrained: take(1),
    none: take(2)[0],
    startToken: take(3)[0],
    given: take(4),
  }
  const trained = guarded(curve, failed)
  const read = readable(trained)
  return { ...curve, trained, read, best: bestCost(measured(read)) }
}

/** Failed runs of this length whose seed did not come through at another try. */
const lostAt = (point: PreparedPoint, failed: readonly AnalysedRun[]): AnalysedRun[] =>
  failed.filter(
    lost =>
      lost.tokens === point.tokens &&
      point.runs.some(run => sameCurve(run, lost)) &&
      replacementOf(lost, point.runs) === undefined,
  )

function guarded(
  curve: Baselines & Pick<PreparedCurve, 'trained'>,
  failed: readonly AnalysedRun[],
): PreparedPoint[] {
  const costs = curve.trained.map(p => p.cost)
  const top = betterBaseline(curve)?.cost ?? costs[0] ?? 0
  const plain = curve.trained.map(p => ({ ...p, draws: p.draws?.values ?? null }))
  const guards = guardsOf(plain, top - Math.min(...costs))
  const measure = betterBaseline(curve)?.runs[0] ?? curve.trained[0]?.runs[0]
  return curve.trained.map((point, i) => ({
    ...point,
    guards: [
      ...(guards[i] ?? []),
      ...lostSeeds(lostAt(point, failed)),
      ...point.runs.flatMap(run => testGuards(run, measure)),
    ],
  }))
}

function whyNot(run: AnalysedRun, tag: string, usable: readonly AnalysedRun[]): string {
  const instead = run.state === 'failed' ? replacementOf(run, usable) : undefined
  if (instead !== undefined) return `the run failed, and ${instead.id} took its place`
  const why = run.unmeasured?.[tag]
  if (why !== undefined) return `${tag} is not measured: ${why}`
  if (run.state === 'failed')
    return `the run failed before its final test${run.failure === undefined ? '' : `: ${run.failure}`}`
  if (run.state !== 'done') return `the run is ${run.state}: it has no ${tag} yet`
  return `it has no ${tag}`
}

/** Sorts, draws and guards. Deterministic. */
export function prepare(runs: readonly AnalysedRun[], metric: Metric, draws: number): CurveSet {
  const { tag } = metric.info
  const usable = runs.filter(run => metricValue(run, tag) !== undefined)
  const without = runs.filter(run => metricValue(run, tag) === undefined)
  const failed = without.filter(
    run => run.state === 'failed' && run.steps > 0 && run.baseline !== 'control',
  )
  const { groups, skipped } = grouped(usable)
  return {
    curves: groups.map(group => prepareCurve(group, { metric, draws, failed })),
    skipped: [
      ...without.map(run => ({ run: run.id, reason: whyNot(run, tag, usable) })),
      ...skipped,
    ],
    runs: usable,
  }
}
