// The quick half: a prepared curve read against a threshold, in the unit asked for.
import type { Curve, CurvePoint, Interval, Threshold } from '../contract/analysis'
import type { TokensNeeded } from '../contract/needed'
import { keptByTwo } from '../shared/kept'
import { lastPart } from '../shared/names'
import type { PointDraws } from './draws'
import { ends95, fall95 } from './kept-draws'
import type { Metric } from './metric'
import {
  betterBaseline,
  measured,
  type PreparedCurve,
  type PreparedPoint,
  uncertain,
} from './prepare'
import { saturationOf, stillFalls } from './saturation'
import { type CostThreshold, type Needed, tokensNeeded } from './threshold'

function interval(
  draws: PointDraws | null,
  ends: (own: Float64Array) => readonly [number, number],
  shown: (x: number) => number,
): Interval | null {
  if (draws === null) return null
  const [a = Number.NaN, b = Number.NaN] = ends(draws.values).map(shown)
  if (!Number.isFinite(a) || !Number.isFinite(b)) return null
  const { over, seeds, units, unit } = draws
  return { low: Math.min(a, b), high: Math.max(a, b), over, seeds, units, unit }
}

function gainOf(
  point: PreparedPoint,
  baseline: PreparedPoint | undefined,
  metric: Metric,
): CurvePoint['gain'] {
  if (baseline === undefined || baseline === point) return null
  const from = baseline.draws?.values ?? baseline.cost
  return {
    value: metric.shownGain(baseline.cost - point.cost),
    interval: interval(point.draws, own => fall95(from, own), metric.shownGain),
  }
}

function shownPoint(
  point: PreparedPoint,
  baseline: PreparedPoint | undefined,
  metric: Metric,
): CurvePoint {
  const bits = baseline === undefined ? null : metric.bits(baseline.cost - point.cost)
  return {
    tokens: point.tokens,
    value: metric.shown(point.cost),
    interval: interval(point.draws, ends95, metric.shown),
    seeds: point.runs.map((run, i) => ({
      run: run.id,
      seed: run.seed,
      value: metric.shown(point.costs[i] ?? Number.NaN),
      steps: run.steps,
    })),
    gain: gainOf(point, baseline, metric),
    parameters: point.runs[0]?.parameters ?? null,
    bitsPerPromptToken: bits === null || point.tokens === 0 ? null : bits / point.tokens,
    guards: [...point.guards],
  }
}

/** Trained numbers at a length between measured ones, in proportion to the tokens. */
function parametersAt(curve: PreparedCurve, tokens: number): number | null {
  const known = curve.trained.map(p => [p.tokens, p.runs[0]?.parameters ?? null] as const)
  const above = known.findIndex(([t]) => t >= tokens)
  const [t1, p1] = known[above] ?? [0, null]
  const [t0, p0] = known[above - 1] ?? [t1, p1]
  if (p0 === null || p1 === null) return null
  return t1 === t0 ? p1 : Math.round(p0 + ((tokens - t0) / (t1 - t0)) * (p1 - p0))
}

function withParameters(needed: TokensNeeded, curve: PreparedCurve): TokensNeeded {
  if (needed.kind !== 'reached') return needed
  return { ...needed, parameters: parametersAt(curve, needed.tokens) }
}

function costThreshold(curve: PreparedCurve, { metric, threshold, best }: Reading): CostThreshold {
  if (threshold.kind === 'absolute') return { kind: 'absolute', cost: metric.threshold(threshold) }
  const { share, of } = threshold
  const from = of === 'behaviour' ? best : curve
  const saturation = saturationOf(from?.read ?? [], metric.shownGain)
  const rising = stillFalls(saturation, from?.read ?? [])
  return of === 'behaviour' && best?.best
    ? { kind: 'share', share, best: best.best, rising }
    : { kind: 'share', share, rising }
}

export interface Reading {
  readonly metric: Metric
  readonly threshold: Threshold
  /** of any model at the behaviour, the one with the lowest cost */
  readonly best: PreparedCurve | undefined
  readonly references: Curve['references']
}

const sourceWords: Readonly<Record<string, string>> = {
  published: 'paper',
  tensorboard: 'imported',
}

/** Model, and what distinguishes this curve from others of the same model and behaviour. */
export function curveLabel({ group }: PreparedCurve): string {
  const source = sourceWords[group.source] ?? ''
  const other = (group.trained[0] ?? group.none[0])?.settings.dataset
  const apart = group.apart === '' && other !== undefined ? `on ${other}` : group.apart
  const words = [lastPart(group.model), apart, source].filter(word => word !== '')
  return words.join(' · ')
}

const givenKind = ({ runs: [run] }: PreparedPoint): Curve['baselines'][number]['kind'] =>
  run?.baseline === 'imported-prompt' || run?.baseline === 'control' ? run.baseline : 'text-prompt'

const readings = keptByTwo<PreparedCurve['read'], PreparedCurve['read'], Map<string, Needed>>()

/** Of the same points and the same best, a level of costs is read once, whatever unit it is shown in. */
function neededOf(curve: PreparedCurve, reading: Reading): Needed {
  const { read } = curve
  const threshold = costThreshold(curve, reading)
  const baseline = betterBaseline(curve)
  const known = readings(read, reading.best?.read ?? read, () => new Map())
  // which best it is, the reads say; here only whether it counts
  const key = JSON.stringify({ ...threshold, best: 'best' in threshold })
  const found =
    known.get(key) ??
    tokensNeeded(
      {
        tokens: read.map(p => p.tokens),
        ...measured(read),
        baseline: baseline && uncertain(baseline),
        best: curve.best,
      },
      threshold,
    )
  known.set(key, found)
  return found
}

/** A curve as people see it. */
export function readCurve(curve: PreparedCurve, reading: Reading): Curve {
  const { metric, references } = reading
  const baseline = betterBaseline(curve)
  const { needed, threshold: level } = neededOf(curve, reading)
  const shown = (point: PreparedPoint): CurvePoint => shownPoint(point, baseline, metric)
  const suggestions = curve.trained.flatMap(p => p.guards.flatMap(g => g.suggestion ?? []))
  return {
    id: curve.group.id,
    behaviour: curve.group.behaviour,
    model: curve.group.model,
    source: curve.group.source,
    label: curveLabel(curve),
    points: curve.trained.map(shown),
    baselines: [
      ...(curve.none ? [{ kind: 'none' as const, point: shown(curve.none) }] : []),
      ...(curve.startToken
        ? [{ kind: 'start-token' as const, point: shown(curve.startToken) }]
        : []),
      ...curve.given.map(point => ({ kind: givenKind(point), point: shown(point) })),
    ],
    better: baseline === undefined ? null : baseline === curve.none ? 'none' : 'start-token',
    untrained: curve.untrained.map(shown),
    references: [...references],
    threshold: level === null || !Number.isFinite(level) ? null : metric.shown(level),
    needed: withParameters(needed, curve),
    saturation: saturationOf(curve.trained, metric.shownGain),
    suggestions: [...new Map(suggestions.map(s => [s.command, s])).values()],
  }
}
