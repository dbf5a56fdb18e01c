// Live points of runs that another process trains (the command line): what it appends to their metrics becomes events,
// as if they were trained here.
import type { Emit } from '../contract/api'
import type { MetricLine } from '../contract/metrics'
import { isActive, type RunSummary } from '../contract/run'
import { linesAfter, type Mark } from './metric-table'

const lookEvery = 250
/** of what was there before a run was followed, this much is sent again: a chart takes what it lacks, bytes */
const overlap = 1 << 16

/** @returns the new lines of a run at each call; all of a short file, the end of a long one at first */
export function tailOf(folder: string): () => Promise<readonly MetricLine[]> {
  let mark: Mark | undefined
  return async () => {
    const fresh = await linesAfter(folder, mark, size => Math.max(0, size - overlap))
    mark = fresh?.mark
    return fresh?.lines ?? []
  }
}

export interface Follower {
  /** all runs that there are */
  see(runs: readonly RunSummary[]): void
  close(): void
}

/** @param isOurs whether this engine trains the run and reports it itself */
export function openFollower(emit: Emit, isOurs: (id: string) => boolean): Follower {
  let followed = new Map<string, () => Promise<readonly MetricLine[]>>()
  const report = async (): Promise<void> => {
    for (const [run, tail] of followed) {
      // metrics that cannot be read now are read later, or reported when the run is opened
      const lines = await tail().catch(() => [])
      if (lines.length > 0 && !isOurs(run)) emit('metrics', [{ run, lines: [...lines] }])
    }
  }
  let reporting: Promise<void> = Promise.resolve()
  let idle = true
  const timer = setInterval(() => {
    if (!idle || followed.size === 0) return
    idle = false
    reporting = report().finally(() => {
      idle = true
    })
  }, lookEvery)
  timer.unref()

  return {
    see: runs => {
      const next: typeof followed = new Map()
      for (const { id, folder, state } of runs)
        if (isActive(state) && !isOurs(id)) next.set(id, followed.get(id) ?? tailOf(folder))
      // the last lines of a run that has just ended
      const ended = [...followed].filter(([id]) => !next.has(id) && !isOurs(id))
      followed = next
      for (const [run, tail] of ended)
        void reporting
          .then(tail)
          .then(lines => lines.length > 0 && emit('metrics', [{ run, lines: [...lines] }]))
          .catch(() => undefined)
    },
    close: () => clearInterval(timer),
  }
}
