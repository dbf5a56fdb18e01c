// From runs to the answer: `analyse(runs, options)`. The app keeps `prepareAnalysis` while a person moves the threshold.

import { findBehaviour } from '../behaviours/registry'
import type { AnalysedRun } from '../contract/analysed-run'
import {
  type Analysis,
  type AnalysisOptions,
  type AnalysisOptionsInput,
  analysisOptionsSchema,
  type Behaviour,
  type Curve,
} from '../contract/analysis'
import { intervalSource } from '../contract/analysis-text'
import { ofSameWay } from '../contract/answer-card'
import type { Elicitation } from '../contract/elicitation'
import { Fault } from '../contract/fault'
import { type Axis, lengthWord } from '../contract/needed'
import { lastPart } from '../shared/names'
import { answerOf, isComparable } from './answer'
import { hasBits, onAxis } from './axis'
import { withPaper } from './beside'
import { differencesOf } from './compare'
import { withControls } from './controls'
import { readCurve } from './curve'
import { matrixOf, rowId } from './distance'
import { silentControls, withoutSilent } from './diverged-lengths'
import { countedControls, criterionCurves, elicitationOf, isTuned } from './elicited'
import type { CriterionCurve } from './elicited-state'
import { behaviourId, behavioursOf } from './group'
import { type Metric, metricOf } from './metric'
import { type CurveSet, type PreparedCurve, prepare } from './prepare'

export interface PreparedAnalysis {
  readonly prepared: CurveSet
  /** of each behaviour's own criterion */
  readonly criteria: readonly CriterionCurve[]
  readonly metrics: readonly string[]
  readonly axes: readonly Axis[]
  /** the options that the preparation depends on */
  readonly tag: string
  readonly draws: number
  readonly axis: Axis
}

/** ': a direct prompt is not made from Elos', where the runs say why; else empty. */
function whyOf(runs: readonly AnalysedRun[], tag: string): string {
  const whys = new Set(runs.flatMap(({ unmeasured }) => unmeasured?.[tag] ?? []))
  return whys.size === 0 ? '' : `: ${[...whys].join('; ')}`
}

/** Sorts and draws: the part that does not depend on threshold and unit. Faults: usage (no run has the metric). */
export function prepareAnalysis(
  runs: readonly AnalysedRun[],
  input: AnalysisOptionsInput = {},
): PreparedAnalysis {
  const options = analysisOptionsSchema.parse(input)
  const { axis } = options
  const { runs: own, skipped: lost } = withControls(runs)
  const beside = withPaper(own, options)
  const axes: Axis[] = ['tokens', 'numbers', ...(beside.some(hasBits) ? ['bits' as const] : [])]
  const { runs: chosen, skipped } = onAxis(beside, axis)
  const metrics = [...new Set(chosen.flatMap(run => Object.keys(run.metrics)))].sort()
  if (chosen.length > 0 && metrics.length > 0 && !metrics.includes(options.metric))
    throw new Fault(
      'usage',
      `none of the ${chosen.length} runs has the metric "${options.metric}"${whyOf(chosen, options.metric)}`,
      `Choose one of: ${metrics.join(', ')}.`,
    )
  const found = prepare(chosen, metricOf(options.metric, 'nats'), options.draws)
  const prepared = { ...found, skipped: [...found.skipped, ...skipped, ...lost] }
  const criteria = criterionCurves(chosen, options.draws)
  return { prepared, criteria, metrics, axes, tag: options.metric, draws: options.draws, axis }
}

/** The curve of any model with the lowest cost, by behaviour. */
function bests(curves: readonly PreparedCurve[]): Map<string, PreparedCurve> {
  const found = new Map<string, PreparedCurve>()
  for (const curve of curves) {
    const before = found.get(curve.group.behaviour)?.best?.cost ?? Number.POSITIVE_INFINITY
    if (curve.best !== undefined && curve.best.cost < before)
      found.set(curve.group.behaviour, curve)
  }
  return found
}

/** Lines across a behaviour's curves: runs asked for; for a way back to a base model, untuned models without any prompt. */
function referencesOf(
  curve: PreparedCurve,
  prepared: CurveSet,
  options: AnalysisOptions,
  metric: Metric,
): Curve['references'] {
  const { behaviour, model, trained, none, source } = curve.group
  const { experiment = '' } = trained[0] ?? none[0] ?? {}
  const closesGap = findBehaviour(experiment)?.criterion.kind === 'gap-closed'
  const isDetuning = closesGap && isTuned(model)
  const asked = prepared.runs.filter(run => options.references.includes(run.id))
  const others = prepared.runs.filter(
    run => isDetuning && run.baseline === 'none' && run.model !== model && run.source === source,
  )
  return [...asked, ...others]
    .filter(run => behaviourId(run) === behaviour)
    .map(run => ({
      run: run.id,
      label: run.baseline === 'none' ? `${lastPart(run.model)}, no prompt` : run.name,
      value: metric.shown(metric.cost(run.metrics[options.metric] ?? Number.NaN)),
    }))
}

const axisMethods: Readonly<Record<Axis, readonly string[]>> = {
  tokens: [],
  numbers: [
    'Prompts are counted in trained numbers: rows × width for whole rows, dimensions for prompts in a subspace. A way of training is a curve of its own; that longer is no worse is assumed within it only.',
  ],
  bits: [
    'Prompts are counted in the bits that their training paid: what the training data cost while the prompt was learnt, less what they cost with the final prompt, each label at its first sight; the mean over the seeds of a length. That more bits are no worse is assumed, within one way of training. Bits paid are no verdict: whether a behaviour was found or taught takes a control.',
  ],
}

/** How the numbers were made, with the numbers. */
function methodOf(curves: readonly Curve[], draws: number, axis: Axis): string[] {
  const sources = new Set(
    curves.flatMap(c => c.points.flatMap(p => (p.interval ? [intervalSource(p.interval)] : []))),
  )
  return [
    `Intervals are 95 %, from ${draws} draws: seeds by the t distribution with their variance pooled over the lengths of a curve, held-out units (documents, games, test batches) by a paired bootstrap widened for few units. Lengths that were tested on the same units are compared in pairs: a band may be wide, for the units differ much, while a difference between lengths is sure.`,
    'Tokens needed: a bracket of measured lengths, more than its low end and at most its high one, that holds with 95 % confidence for any curve that does not rise with length (test inversion under monotonicity, after Morris 1988 and Dümbgen & Spokoiny 2001); nothing is assumed of the curve between the lengths, so only measuring between them narrows it. The number inside is read from centred isotonic regression (Oron & Flournoy 2017), straight on log tokens. A length that surely (999 of 1000 draws) ends above a shorter one has missed its optimum: it is drawn hollow and not read. What lies outside the lengths measured is given as ≤ or >, never as a number.',
    'A share of the gap is read against the best that was seen: a curve that still falls at its longest prompt gives a lower end only, one trained length gives nothing.',
    'Baselines at 0 tokens do not bend the curve; gains are read against the better of no prompt and the start token alone.',
    ...axisMethods[axis],
    ...[...sources].sort().map(source => `Points of these curves: ${source}.`),
  ]
}

/** Behaviour by behaviour, then in the order of the matrix; curves without a row (baselines only) last. */
const inOrder =
  (behaviours: readonly string[], rows: readonly string[]) =>
  (a: Curve, b: Curve): number => {
    const place = (c: Curve): number => {
      const row = rows.indexOf(rowId(c))
      return row < 0 ? rows.length : row
    }
    return behaviours.indexOf(a.behaviour) - behaviours.indexOf(b.behaviour) || place(a) - place(b)
  }

/** By id, however a behaviour was called. */
function thresholdsById(
  { thresholds }: AnalysisOptions,
  behaviours: readonly Behaviour[],
): AnalysisOptions['thresholds'] {
  const named = Object.entries(thresholds).flatMap(([name, threshold]) => {
    const found = behaviours.find(b => b.id === name) ?? behaviours.find(b => b.label === name)
    return found === undefined ? [] : [[found.id, threshold] as const]
  })
  return Object.fromEntries(named)
}

/** Faults: usage, when a threshold was asked for a behaviour that is not there. */
export function checkThresholds(asked: AnalysisOptionsInput, { behaviours }: Analysis): void {
  const known = behaviours.flatMap(({ id, label }) => [id, label])
  const unknown = Object.keys(asked.thresholds ?? {}).filter(name => !known.includes(name))
  if (unknown.length === 0) return
  const labels = behaviours.map(b => b.label).join(', ')
  throw new Fault(
    'usage',
    `a threshold is given for "${unknown.join('", "')}", but no run shows this behaviour`,
    `Choose one of: ${labels}.`,
  )
}

/** Why a level of the loss is no number of tokens of this behaviour; empty: it is one. */
function whyNoNumber({ state, trained, target, measure, axis }: Elicitation, isShare: boolean) {
  // whatever else is open: of what was never right, no loss says how much it needs
  if (target !== null && trained.length > 0 && trained.every(s => s.value === 0))
    return `${measure} is 0 at every length, so a loss says nothing of how much it needs`
  if (state.kind === 'there-already')
    return 'it is there without a prompt, so no level of its loss says how much it needs'
  if (!isShare || state.kind !== 'not-elicited') return ''
  return `it is not elicited by ${lengthWord(state.longest, axis)}, so a share of its own gap says nothing`
}

/** A curve that falls comes down to some level of its loss: a behaviour that is not elicited gets no number for that. */
function withoutNumber(curve: Curve, elicited: readonly Elicitation[], isShare: boolean): Curve {
  const own = ofSameWay(curve, elicited)
  const reason = own === undefined ? '' : whyNoNumber(own, isShare)
  return reason === '' ? curve : { ...curve, needed: { kind: 'unknown', reason } }
}

/** The quick part. Thresholds of behaviours that are not there are left out. */
export function concludeAnalysis(
  { prepared, criteria, metrics, axes, tag, draws, axis }: PreparedAnalysis,
  input: AnalysisOptionsInput = {},
): Analysis {
  const asked = { ...analysisOptionsSchema.parse(input), metric: tag, draws, axis }
  const behaviours = behavioursOf(prepared.runs)
  const options = { ...asked, thresholds: thresholdsById(asked, behaviours) }
  const metric = metricOf(options.metric, options.unit)
  const best = bests(prepared.curves)
  const elicited = criteria.map(curve => elicitationOf(curve, options, behaviours))
  const counted = new Set(criteria.flatMap(curve => countedControls(curve, options)))
  const silent = prepared.curves.flatMap(curve => silentControls(curve, counted))
  const shown = prepared.curves.map(curve => withoutSilent(curve, counted))
  const curves = shown.map(curve => {
    const { behaviour } = curve.group
    const threshold = options.thresholds[behaviour] ?? options.threshold
    const read = readCurve(curve, {
      ...{ metric, threshold },
      best: best.get(behaviour),
      references: referencesOf(curve, prepared, options, metric),
    })
    return withoutNumber(read, elicited, threshold.kind === 'share')
  })
  const matrix = matrixOf(curves, behaviours, isComparable(options))
  curves.sort(
    inOrder(
      behaviours.map(b => b.id),
      matrix.rows.map(row => row.id),
    ),
  )
  return {
    options,
    metric: metric.info,
    metrics: [...metrics],
    axes: [...axes],
    behaviours,
    curves,
    matrix,
    differences: differencesOf(prepared.curves, metric),
    elicited,
    answer: answerOf(curves, behaviours, options, metric.info),
    skipped: [...prepared.skipped, ...silent],
    method: methodOf(curves, draws, axis),
  }
}

/** The whole analysis of these runs. Deterministic. Faults: usage. */
export const analyse = (
  runs: readonly AnalysedRun[],
  options: AnalysisOptionsInput = {},
): Analysis => concludeAnalysis(prepareAnalysis(runs, options), options)
