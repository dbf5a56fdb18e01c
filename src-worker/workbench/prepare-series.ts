// While the engine has nothing better to do: caches the metrics of finished runs, so that a chart of hundreds opens at
// once even the first time.
import { isActive, type RunSummary } from '../contract/run'
import type { SeriesReader } from './series'

/** rest between two runs, as many times as long as the last one took: a training has the processor before us */
const rest = 3
/** first, let the window open, ms */
const startAfter = 3000

export interface SeriesWarmer {
  see(runs: readonly RunSummary[]): void
  close(): void
}

export function openSeriesWarmer(reader: SeriesReader): SeriesWarmer {
  /** by run: the time of its last change when it was prepared */
  const prepared = new Map<string, string>()
  let known: readonly RunSummary[] = []
  let pruned = false
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const next = (): RunSummary | undefined =>
    known.find(run => !isActive(run.state) && prepared.get(run.id) !== run.updatedAt)

  const later = (wait: number): void => {
    if (closed || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void work()
    }, wait)
    timer.unref()
  }
  const work = async (): Promise<void> => {
    if (!pruned) await reader.prune(new Set(known.map(run => run.id))).catch(() => undefined)
    pruned = true
    for (let run = next(); run !== undefined && !closed; run = next()) {
      prepared.set(run.id, run.updatedAt)
      const start = Date.now()
      // metrics that cannot be read are reported when they are requested
      const worked = await reader.prepare(run.folder).catch(() => false)
      if (worked) return later(rest * (Date.now() - start))
    }
  }

  return {
    see: runs => {
      known = runs
      if (next() !== undefined) later(startAfter)
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
