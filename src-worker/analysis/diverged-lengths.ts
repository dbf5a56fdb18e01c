// Lengths that say nothing of a behaviour, for their training diverged.
import type { AnalysedRun } from '../contract/analysed-run'
import { sameCurve } from './group'
import type { Metric } from './metric'
import type { PreparedCurve } from './prepare'

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
