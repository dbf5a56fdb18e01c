// What a run says of its boards, and the numbers that a pathfinding prompt is made from.
import type { ExperimentSpec } from '../../contract/experiment-spec'
import type { BoardFormat } from './boards'

export type PathfindingSpec = Extract<ExperimentSpec, { kind: 'pathfinding' }>

export const formatOf = (spec: PathfindingSpec): BoardFormat => ({
  spaces: spec.spaces,
  movesLine: spec.movesLine,
})

/** Conditions as the run's prompt takes them. */
export function pathConditions(
  conditioned: PathfindingSpec['conditioned'],
  extraMoves: number,
  wallHits: number,
): number[] {
  if (conditioned === 'none') return []
  return conditioned === 'constant' ? [1] : [extraMoves, wallHits]
}

export const pathConditionNames = (conditioned: PathfindingSpec['conditioned']): string[] =>
  conditioned === 'none'
    ? []
    : conditioned === 'constant'
      ? ['constant']
      : ['extra moves', 'wall hits']
