// Which cells of a sweep exist already: a run of exactly this spec, finished or on its way.
import type { RunSummary } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { isSameData, specHash } from '../train/spec-name'

/** How much a run is worth as the answer to a cell. */
const worth = ({ state }: RunSummary): number =>
  (({ done: 3, interrupted: 1, failed: 0 }) as Partial<Record<typeof state.kind, number>>)[
    state.kind
  ] ?? 2

/**
 * For each spec the best of the runs of it, or undefined. Failed runs do not count: they are run again.
 * @param tried failed runs that count, because they were tried just now
 */
export function existingCells(
  runs: readonly RunSummary[],
  specs: readonly RunSpec[],
  tried: (id: string) => boolean = () => false,
): readonly (RunSummary | undefined)[] {
  const alike = new Map<string, RunSummary[]>()
  for (const run of runs) {
    if (run.readOnly || (run.state.kind === 'failed' && !tried(run.id))) continue
    const key = specHash(run.spec)
    alike.set(key, [...(alike.get(key) ?? []), run])
  }
  return specs.map(spec =>
    (alike.get(specHash(spec)) ?? [])
      .filter(run => isSameData(spec, run.spec))
      .reduce<RunSummary | undefined>(
        (best, run) => (best === undefined || worth(run) > worth(best) ? run : best),
        undefined,
      ),
  )
}
