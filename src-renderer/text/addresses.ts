// The playground in which a snapshot of an experiment is tried.
import type { ExperimentKind } from '../../src-worker/contract/run-spec'

export function tryAddress(
  experiment: ExperimentKind | string | undefined,
  snapshot: string,
): string {
  const place = experiment === 'chess' ? 'chess' : experiment === 'pathfinding' ? 'paths' : 'text'
  return `/${place}?snapshot=${encodeURIComponent(snapshot)}`
}

/** Names of sweeps hold spaces, and may hold anything. */
export const sweepAddress = (sweep: string): string => `/sweeps/${encodeURIComponent(sweep)}`
