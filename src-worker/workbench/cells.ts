// Which cells of a sweep exist already: a run of exactly this spec, finished or on its way.
import { join } from 'node:path'
import type { RunSummary } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { homePaths } from '../train/home'
import { readSummary, runIds } from '../train/run-folder'
import { isSameData, specHash } from '../train/spec-name'

/** How much a run is worth as the answer to a cell. */
const rank = ({ state }: RunSummary): number =>
  state.kind === 'done' ? 3 : state.kind === 'failed' ? 0 : state.kind === 'interrupted' ? 1 : 2

/** For each spec the best run of it, or undefined. Failed runs do not count: they are run again. */
export async function existingCells(
  home: string,
  specs: readonly RunSpec[],
  known: ReadonlySet<string> = new Set(),
): Promise<readonly (RunSummary | undefined)[]> {
  const runs = new Map<string, RunSummary[]>()
  for (const id of await runIds(home)) {
    const summary = await readSummary(join(homePaths(home).runs, id), known).catch(() => undefined)
    if (summary === undefined || summary.readOnly || summary.state.kind === 'failed') continue
    const key = specHash(summary.spec)
    runs.set(key, [...(runs.get(key) ?? []), summary])
  }
  return specs.map(spec =>
    (runs.get(specHash(spec)) ?? [])
      .filter(run => isSameData(spec, run.spec))
      .reduce<RunSummary | undefined>(
        (best, run) => (best === undefined || rank(run) > rank(best) ? run : best),
        undefined,
      ),
  )
}
