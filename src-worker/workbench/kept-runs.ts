// Runs as the analysis takes them, read again only when something in their folder has changed.
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { AnalysedRun } from '../contract/analysed-run'
import type { RunSummary } from '../contract/run'
import { isUnderWay } from '../contract/run'
import { readRun } from './analysis-files'

/** times of folders are this coarse on some disks: what is younger may change once more unseen, ms */
const coarse = 2500
const mostRuns = 4000

let reads = 0

/**
 * Changes when the run does. Files are always replaced, never written into, so a change shows in the time of the folder; a
 * run under way writes into its losses, and says in its state how far it is.
 */
export function stampOf({ folder, updatedAt, state }: RunSummary): string {
  const time = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const isYoung = !isUnderWay(state) && Date.now() - time < coarse
  const changed = isUnderWay(state) ? '' : isYoung ? `now ${++reads}` : time
  return [state.kind, updatedAt, changed].join(' ')
}

interface Kept {
  readonly stamp: string
  readonly run: AnalysedRun
}

/** Reads run folders; `stamps` says by id which of them are as they were. @param known owners that live in this process */
export function keptRuns(known: ReadonlySet<string>) {
  const kept = new LRUCache<string, Kept>({ max: mostRuns })
  return (stamps: ReadonlyMap<string, string>) =>
    async (folder: string): Promise<AnalysedRun> => {
      const id = basename(folder)
      const stamp = stamps.get(id)
      const before = kept.get(folder)
      if (before !== undefined && before.stamp === stamp) return before.run
      const run = await readRun(folder, known)
      if (stamp !== undefined) kept.set(folder, { stamp, run })
      return run
    }
}
