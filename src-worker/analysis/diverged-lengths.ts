// What says nothing of a behaviour: lengths and controls whose training diverged, and controls that were trained for less long
// than their run.
import type { AnalysedRun } from '../contract/analysed-run'
import { whySilent } from './controls'
import { type Skipped, sameCurve } from './group'
import type { Metric } from './metric'
import type { PreparedCurve, PreparedPoint } from './prepare'

interface Of {
  readonly curve: PreparedCurve
  readonly metric: Metric
  /** all of its behaviour and model */
  readonly runs: readonly AnalysedRun[]
}

/**
 * Lengths of which a seed diverged and whose mean does not reach the target all the same; and those of which no seed came
 * through. @param isThere whether a value reaches the target
 */
export function divergedLengths(
  { curve, metric, runs }: Of,
  isThere: (value: number) => boolean,
): number[] {
  const measured = curve.trained
    .filter(
      ({ guards, cost }) =>
        guards.some(({ kind }) => kind === 'diverged') && !isThere(metric.shown(cost)),
    )
    .map(({ tokens }) => tokens)
  const isLost = (run: AnalysedRun): boolean =>
    run.hasDiverged === true &&
    run.baseline === undefined &&
    (curve.group.trained[0] === undefined || sameCurve(curve.group.trained[0], run)) &&
    !curve.trained.some(({ tokens }) => tokens === run.tokens)
  const lost = runs.filter(isLost).map(({ tokens }) => tokens)
  return [...new Set([...measured, ...lost])].sort((a, b) => a - b)
}

const besideSilent = 'it is a control, and another seed of it says nothing'

const isSilent = ({ runs }: PreparedPoint): boolean =>
  runs.some(run => whySilent(run) !== undefined)

/** Ids of controls that would be silent and reach the target all the same: they count, as lengths do. */
export const countingControls = (
  { curve, metric }: Omit<Of, 'runs'>,
  isThere: (value: number) => boolean,
): string[] =>
  curve.given
    .filter(point => isSilent(point) && isThere(metric.shown(point.cost)))
    .flatMap(({ runs }) => runs.map(({ id }) => id))

/** A curve without the controls that are silent, but those that count. */
export const withoutSilent = (
  curve: PreparedCurve,
  counting: ReadonlySet<string>,
): PreparedCurve => ({
  ...curve,
  given: curve.given.filter(p => !isSilent(p) || p.runs.some(({ id }) => counting.has(id))),
})

/** What withoutSilent takes away, with the reason. */
export const silentControls = (
  { given }: PreparedCurve,
  counting: ReadonlySet<string>,
): Skipped[] =>
  given
    .filter(isSilent)
    .flatMap(({ runs }) =>
      runs
        .filter(({ id }) => !counting.has(id))
        .map(run => ({ run: run.id, reason: whySilent(run) ?? besideSilent })),
    )
