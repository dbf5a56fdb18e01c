// The words before the number: what the shares at all lengths, of the baselines and of a control say of the level.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Curve } from '../contract/analysis'
import { unknownNoise } from '../contract/analysis-text'
import type { Criterion } from '../contract/behaviour'
import {
  controlReaches,
  type Elicitation,
  type ElicitationState,
  type MeasuredShare,
  shareText,
} from '../contract/elicitation'
import { type Axis, lengthWord } from '../contract/needed'
import { chanceWords, isAboveChance } from './chance'
import { sameCurve } from './group'
import type { Metric } from './metric'
import type { PreparedCurve } from './prepare'

/** One curve of a behaviour's criterion, with all runs of its behaviour, model and source, measured or not. */
export interface CriterionCurve {
  readonly curve: PreparedCurve
  readonly metric: Metric
  readonly criterion: Criterion
  readonly runs: readonly AnalysedRun[]
  /** all runs of the behaviour: references are among them */
  readonly all: readonly AnalysedRun[]
}

export const reaches = (metric: Metric, value: number, level: number): boolean =>
  metric.cost(value) <= metric.cost(level)

/** Whether a share surely reaches the level, surely does not, or neither. */
function standing(
  metric: Metric,
  { interval, value }: MeasuredShare,
  level: number,
): 'there' | 'below' | 'open' {
  const ends = interval === null ? [value] : [interval.low, interval.high]
  if (ends.every(end => reaches(metric, end, level))) return 'there'
  return ends.some(end => reaches(metric, end, level)) ? 'open' : 'below'
}

const best = (metric: Metric, shares: readonly MeasuredShare[]): MeasuredShare | undefined =>
  shares.reduce<MeasuredShare | undefined>(
    (a, b) => (a !== undefined && reaches(metric, a.value, b.value) ? a : b),
    undefined,
  )

/** The control that reaches the level, wherever the prompts themselves stand; null: none does. */
export const taughtBy = (
  metric: Metric,
  baselines: readonly MeasuredShare[],
  level: number,
): MeasuredShare | null =>
  baselines.find(b => b.kind === 'control' && reaches(metric, b.value, level)) ?? null

/** Why a prompt that reaches the level says nothing: its control does too. */
export const taughtItself = (control: MeasuredShare, axis: Axis): string =>
  `${controlReaches(control, axis)} as well: the prompt itself taught it`

/** Why nothing is measured at any length, and what to do. */
function whyUnmeasured({ runs, criterion, metric, curve }: CriterionCurve): string {
  const trained = runs.filter(
    (run: AnalysedRun) => run.baseline === undefined && run.state === 'done' && run.steps > 0,
  )
  const [first] = trained
  if (first === undefined) return 'no soft prompt is trained and measured yet'
  const measure = metric.info.label
  const why = first.unmeasured?.[criterion.measure]
  if (why !== undefined) return `a soft prompt is trained, but has no ${measure}: ${why}`
  const next =
    curve.group.source === 'workbench'
      ? 'a run with samples for metrics has it on its curve'
      : 'its log does not hold it'
  return `a soft prompt is trained, but its ${measure} is not measured: ${next}`
}

/** Lengths of this way of training whose every run ended without the measure; where no length has it, the state says so. */
export function unmeasuredLengths({ runs, curve }: CriterionCurve): number[] {
  const [first] = curve.group.trained
  if (first === undefined) return []
  const lost = runs.filter(
    run =>
      run.baseline === undefined &&
      run.state === 'done' &&
      run.steps > 0 &&
      sameCurve(first, run) &&
      !curve.trained.some(({ tokens }) => tokens === run.tokens),
  )
  return [...new Set(lost.map(({ tokens }) => tokens))].sort((a, b) => a - b)
}

/** What is known without any trained length. */
function untrained(
  of: CriterionCurve,
  baselines: readonly MeasuredShare[],
  axis: Axis,
  lost: readonly number[],
): string {
  if (lost.length > 0)
    return 'every soft prompt diverged in training, which says nothing of the behaviour'
  const given = baselines
    .filter(b => b.kind === 'text-prompt' || b.kind === 'imported-prompt')
    .map(b => shareText(b, axis))
  return [whyUnmeasured(of), ...given].join('; ')
}

export function decided(
  of: CriterionCurve,
  { needed, points }: Curve,
  level: number,
  axis: Axis,
  shares: Pick<Elicitation, 'trained' | 'baselines'>,
  lost: readonly number[],
): ElicitationState {
  const { metric, curve } = of
  const undecided = (reason: string): ElicitationState => ({ kind: 'undecided', reason })
  const noiseAt = ({ tokens }: MeasuredShare): string =>
    unknownNoise(points.find(p => p.tokens === tokens)?.seeds.length ?? 1)
  const { baselines } = shares
  const trained = shares.trained.filter(({ tokens }) => !lost.includes(tokens))
  const base = best(
    metric,
    baselines.filter(({ kind }) => kind === 'none' || kind === 'start-token'),
  )
  if (base !== undefined && standing(metric, base, level) === 'there')
    return { kind: 'there-already', at: base }
  if (base !== undefined && reaches(metric, base.value, level))
    return undecided(`whether it is there without a prompt is within the noise`)
  const top = best(metric, trained)
  if (top === undefined) return undecided(untrained(of, baselines, axis, lost))
  const longest = trained.at(-1)?.tokens ?? top.tokens
  if (trained.every(share => standing(metric, share, level) === 'below')) {
    const open = trained.find(share => share.interval === null)
    if (open !== undefined) return undecided(`at best ${shareText(top, axis)}; ${noiseAt(open)}`)
    return { kind: 'not-elicited', at: top, longest }
  }
  const there = trained.filter(share => reaches(metric, share.value, level))
  const [first] = there
  if (first === undefined)
    return undecided(`the target lies within the noise of ${lengthWord(top.tokens, axis)}`)
  const taught = taughtBy(metric, baselines, level)
  if (taught !== null) return undecided(taughtItself(taught, axis))
  const known = there.filter(({ interval }) => interval !== null)
  const isSure = ({ tokens }: MeasuredShare): boolean => {
    const point = curve.trained.find(p => p.tokens === tokens)
    return point === undefined || isAboveChance(of, point)
  }
  // the shortest may reach it by one seed's luck, and a longer one surely
  const at = known.find(isSure)
  if (at !== undefined) return { kind: 'elicited', at, needed }
  const most = best(metric, known)
  return undecided(
    most === undefined
      ? noiseAt(first)
      : `${shareText(most, axis)} is not surely above ${chanceWords(of)}`,
  )
}
