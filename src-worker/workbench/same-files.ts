// Runs that are still the measurement their specs ask for: model, data and every file that they were made of are as they were.
import type { RunSummary } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { oncePerKey } from '../shared/once'
import type { Places } from '../train/home'
import { changedSince, ingredientsKey, ingredientsNow } from '../train/ingredients'
import { readProvenance } from '../train/run-folder'
import { specHash } from '../train/spec-name'

export interface SameFiles {
  readonly runs: readonly RunSummary[]
  /** which runs do not count any more, and what has changed */
  readonly notes: readonly string[]
}

/** Looks only at runs of these specs; what a run was made of before its first step is not known, and nothing to compare. */
export async function withSameFiles(
  runs: readonly RunSummary[],
  specs: readonly RunSpec[],
  places: Places,
): Promise<SameFiles> {
  const wanted = new Set(specs.map(specHash))
  const asked = new Set(runs.filter(run => !run.readOnly && wanted.has(specHash(run.spec))))
  const specByKey = new Map([...asked].map(({ spec }) => [ingredientsKey(spec), spec]))
  // a sweep's cells are made of a few models and data sets: each is read once
  const now = oncePerKey(key => ingredientsNow(specByKey.get(key) as RunSpec, places))
  const kept: RunSummary[] = []
  const notes: string[] = []
  for (const run of runs) {
    const then = asked.has(run) ? await readProvenance(run.folder) : null
    const found =
      then === null ? undefined : await now(ingredientsKey(run.spec)).catch(() => undefined)
    const changed = then === null || found === undefined ? [] : changedSince(then, found)
    if (changed.length === 0) kept.push(run)
    else notes.push(`${run.id} does not count any more: ${changed.join(', ')} changed since`)
  }
  return { runs: kept, notes }
}
