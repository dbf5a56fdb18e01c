// From curves of a behaviour's own criterion to "elicited, or not": the first thing that an analysis says.

import { criterionOf, findBehaviour } from '../behaviours/registry'
import type { AnalysedRun } from '../contract/analysed-run'
import type { AnalysisOptions, Behaviour, Threshold } from '../contract/analysis'
import { type Criterion, checkTarget } from '../contract/behaviour'
import type { Elicitation, MeasuredShare } from '../contract/elicitation'
import type { ExperimentSpec } from '../contract/experiment-spec'
import { tags } from '../contract/metrics'
import { lastPart } from '../shared/names'
import { chanceOf } from './chance'
import { readCurve } from './curve'
import { countingControls, divergedLengths, withoutSilent } from './diverged-lengths'
import { asidesOf } from './elicited-asides'
import { gainState, gainsOf, shareOf } from './elicited-shares'
import {
  type CriterionCurve,
  decided,
  reaches,
  taughtBy,
  taughtItself,
  unmeasuredLengths,
} from './elicited-state'
import { behaviourId, replacementOf } from './group'
import { metricOf } from './metric'
import { type PreparedCurve, prepare } from './prepare'
import { ours } from './suggest'

/** Of what is none of ours, only a gain is known. */
const gain: Criterion = { kind: 'gain', measure: tags.finalTestLoss, better: 'lower' }

/** Of a log of another program, only the kind of its behaviour is known. */
function criterionOfRun(run: AnalysedRun | undefined): Criterion {
  const { experiment } = (run?.spec ?? {}) as { readonly experiment?: ExperimentSpec }
  const own =
    experiment === undefined
      ? findBehaviour(run?.experiment ?? '')?.criterion
      : criterionOf(experiment)
  return own ?? gain
}

/** Curves of each behaviour's own criterion; the author's runs have no such measures. */
export function criterionCurves(runs: readonly AnalysedRun[], draws: number): CriterionCurve[] {
  const own = runs.filter(run => run.source !== 'published')
  const isPrompted = ({ baseline }: AnalysedRun): boolean =>
    baseline === undefined || ['untrained', 'text-prompt', 'imported-prompt'].includes(baseline)
  return [...new Set(own.map(behaviourId))].flatMap(id => {
    const all = own.filter(run => behaviourId(run) === id)
    const criterion = criterionOfRun(all[0])
    const metric = metricOf(criterion.measure, criterion.kind === 'gain' ? 'bits' : 'nats')
    const there = new Set(prepare(all, metric, draws).curves)
    // a model of which nothing was measured yet still gets its line
    const bare = [...new Set(all.map(run => run.model))]
      .filter(model => ![...there].some(c => c.group.model === model))
      .flatMap(model => unmeasured(all.filter(run => run.model === model)))
    const curves = [...there, ...bare].map(curve => ({
      ...{ curve, metric, criterion, all },
      runs: all.filter(
        r =>
          r.model === curve.group.model &&
          r.source === curve.group.source &&
          r.baseline !== 'control',
      ),
    }))
    // of a model with baselines alone nothing is asked
    return curves.filter(({ runs }) => runs.some(isPrompted))
  })
}

/** A curve without points: only its group speaks. */
function unmeasured(runs: readonly AnalysedRun[]): PreparedCurve[] {
  const [first] = runs
  if (first === undefined) return []
  const { model, source } = first
  const none = { trained: [], untrained: [], none: [], startToken: [], given: [] }
  const group = { id: `${behaviourId(first)} ${model}`, behaviour: behaviourId(first), apart: '' }
  return [
    {
      group: { ...group, model, source, ...none },
      ...{
        trained: [],
        untrained: [],
        none: undefined,
        startToken: undefined,
        given: [],
        read: [],
      },
      best: undefined,
    },
  ]
}

/** What the behaviour itself is read against, as far as it was measured here. */
function ownReferences({ all, curve }: CriterionCurve): AnalysedRun[] {
  const reference = findBehaviour(all[0]?.experiment ?? '')?.reference
  const { model } = curve.group
  const named = reference?.model(model)
  return all.filter(
    run =>
      run.baseline === reference?.prompt && run.model !== model && lastPart(run.model) === named,
  )
}

/** The level to reach, or why there is none. */
function levelOf(of: CriterionCurve, options: AnalysisOptions): number | string {
  const { criterion, curve, metric } = of
  if (criterion.kind === 'gain') return Number.NaN
  checkTarget(options.target, criterion.kind)
  const target = options.target ?? criterion.target
  if (criterion.kind === 'share') return Math.max(target, chanceOf(of) ?? 0)
  const named = of.all.filter(run => options.references.includes(run.id))
  if (criterion.kind === 'share-of-reference') {
    const read = named.length > 0 ? named : ownReferences(of)
    const values = read.flatMap(run => run.metrics[criterion.measure] ?? [])
    return values.length === 0
      ? 'no reference is named, a run whose match is held to be all there is (--reference; in the window, “Reference line” of Analysis)'
      : Math.max(target * Math.max(...values), chanceOf(of) ?? 0)
  }
  const bases = of.all.filter(
    run => run.baseline === 'none' && run.model !== curve.group.model && !isTuned(run.model),
  )
  const losses = (named.length > 0 ? named : bases).flatMap(
    run => run.metrics[tags.finalTestLoss] ?? [],
  )
  const none = curve.none?.cost
  if (losses.length === 0)
    return 'the base model’s own loss on the same data is not measured (its run without a prompt)'
  if (none === undefined) return 'the loss without a prompt is not measured'
  return none - target * (none - metric.cost(Math.min(...losses)))
}

/** Said by its name: a model that was tuned to chat. */
export const isTuned = (model: string): boolean => /chat|instruct|[-_]it$/i.test(lastPart(model))

/** What is there without a prompt says nothing of controls, and one reason is the control itself. */
function isRemark(
  taught: MeasuredShare | null,
  state: Elicitation['state'],
  { axis }: AnalysisOptions,
): boolean {
  if (taught === null || state.kind === 'there-already') return false
  return state.kind !== 'undecided' || state.reason !== taughtItself(taught, axis)
}

/**
 * A run that failed for good comes to nothing by waiting: it is named, with what to do, unless another took its place. What
 * diverged is named as that.
 */
function runsOf(all: readonly AnalysedRun[]): Elicitation['runs'] {
  const runs = all.filter(run => run.state !== 'failed' || replacementOf(run, all) === undefined)
  const done = runs.filter(run => run.state === 'done').length
  const failed = runs.filter(run => run.state === 'failed')
  return {
    ...{ done, all: runs.length, over: done + failed.length },
    diverged: failed.filter(run => run.hasDiverged === true).map(({ id }) => id),
    failures: failed
      .filter(run => run.hasDiverged !== true)
      .map(run => ({
        run: run.id,
        reason: run.failure ?? '',
        command: ours(run) ? `spw resume ${run.id}` : '',
      })),
  }
}

/** The words of the others show no interval of a trained prompt, or say what is open about it. */
const hasIntervals = ({ kind }: Elicitation['state']): boolean =>
  kind === 'elicited' || kind === 'not-elicited' || kind === 'gain'

/** Whether a value reaches a level; no value reaches none. */
const thereAt =
  ({ metric }: CriterionCurve, level: number) =>
  (value: number): boolean =>
    Number.isFinite(level) && reaches(metric, value, level)

/** Ids of the controls that count though they diverged. */
export function countedControls(of: CriterionCurve, options: AnalysisOptions): string[] {
  const level = levelOf(of, options)
  return typeof level === 'number' ? countingControls(of, thereAt(of, level)) : []
}

/** The answer of one curve. */
export function elicitationOf(
  given: CriterionCurve,
  options: AnalysisOptions,
  behaviours: readonly Behaviour[],
): Elicitation {
  const counted = new Set(countedControls(given, options))
  const of = { ...given, curve: withoutSilent(given.curve, counted) }
  const { curve: prepared, criterion, metric, runs } = of
  const found = levelOf(of, options)
  const level = typeof found === 'number' ? found : Number.NaN
  const threshold: Threshold = Number.isFinite(level)
    ? { kind: 'absolute', value: level, unit: 'nats' }
    : { kind: 'share', share: 0.9, of: 'curve' }
  const curve = readCurve(prepared, { metric, threshold, best: undefined, references: [] })
  const trained = curve.points.map(point => shareOf(point, 'trained'))
  const baselines = curve.baselines.map(({ kind, point }) => shareOf(point, kind))
  const lost = divergedLengths(of, thereAt(of, level))
  const state =
    criterion.kind === 'gain'
      ? gainState(curve)
      : typeof found === 'string'
        ? ({ kind: 'undecided', reason: found } as const)
        : decided(of, curve, level, options.axis, { trained, baselines }, lost)
  const taught = Number.isFinite(level) ? taughtBy(metric, baselines, level) : null
  const id = prepared.group.behaviour
  return {
    behaviour: id,
    behaviourLabel: behaviours.find(b => b.id === id)?.label ?? id,
    model: prepared.group.model,
    label: curve.label,
    source: prepared.group.source,
    axis: options.axis,
    measure: metric.info.label,
    target: Number.isFinite(level) ? level : null,
    chance: Number.isFinite(level) ? (chanceOf(of) ?? null) : null,
    state,
    baselines,
    trained: criterion.kind === 'gain' ? gainsOf(curve) : trained,
    ...asidesOf(of, state),
    diverged: lost,
    missed: prepared.trained.flatMap(({ tokens, guards }) =>
      guards.some(({ kind }) => kind === 'missed-optimum') ? [tokens] : [],
    ),
    unmeasured: unmeasuredLengths(of),
    isOneSeed: hasIntervals(state) && curve.points.some(p => p.interval?.over === 'units'),
    control: isRemark(taught, state, options) ? taught : null,
    runs: runsOf(runs),
  }
}
