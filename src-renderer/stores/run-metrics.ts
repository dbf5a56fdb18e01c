// Series of runs for the charts: read down-sampled from the engine, then grown by live points until they are read again.
import { defineStore } from 'pinia'
import { shallowRef, triggerRef } from 'vue'
import type { EventData } from '../../src-worker/contract/api'
import type { MetricLine, Series, XAxis } from '../../src-worker/contract/metrics'
import type { RunSummary } from '../../src-worker/contract/run'
import { call } from '../workbench'
import { grow } from './series-growth'

export interface SeriesRequest {
  readonly runs: readonly string[]
  readonly tags: readonly string[]
  readonly x: XAxis
  readonly points: number
  readonly smoothing: number
  /** zoomed part; null: all */
  readonly from: number | null
  readonly to: number | null
}

interface Watch {
  request: SeriesRequest
  series: Series[]
  /** lines that came while the engine was being asked */
  early: MetricLines[]
  reading: boolean
  again: boolean
  /** when it was read last, ms */
  readAt: number
}
type MetricLines = EventData<'metrics'>[number]

/** between two readings of a series that grows elsewhere, ms */
const leastPause = 1000

export const useRunMetrics = defineStore('run-metrics', () => {
  const watches = shallowRef<Map<string, Watch>>(new Map())
  const fault = shallowRef<unknown>(null)
  let frame = 0

  /** All charts redraw together, once a frame. */
  const changed = () => {
    if (frame) return
    frame = requestAnimationFrame(() => {
      frame = 0
      triggerRef(watches)
    })
  }

  const read = async (watch: Watch) => {
    if (watch.reading) {
      watch.again = true
      return
    }
    watch.reading = true
    watch.again = false
    try {
      const { runs, tags, ...rest } = watch.request
      const wanted = { runs: [...runs], tags: [...tags], ...rest }
      watch.series = runs.length > 0 ? await call('series', wanted) : []
      for (const lines of watch.early) growAll(watch, lines)
      fault.value = null
    } catch (error) {
      fault.value = error
    }
    watch.early = []
    watch.reading = false
    watch.readAt = performance.now()
    changed()
    if (watch.again) await read(watch)
  }

  /** Start or change what the chart named `key` shows. */
  const watch = (key: string, request: SeriesRequest) => {
    const known = watches.value.get(key)
    if (known && JSON.stringify(known.request) === JSON.stringify(request)) return
    const next = known ?? {
      request,
      series: [],
      early: [],
      reading: false,
      again: false,
      readAt: 0,
    }
    next.request = request
    watches.value.set(key, next)
    void read(next)
  }
  const unwatch = (key: string) => watches.value.delete(key)
  const seriesOf = (key: string): readonly Series[] => watches.value.get(key)?.series ?? []

  const growAll = (watch: Watch, { run, lines }: { run: string; lines: readonly MetricLine[] }) => {
    if (!watch.request.runs.includes(run)) return
    const { x, smoothing, points, to } = watch.request
    if (to !== null) return
    let stale = false
    for (const series of watch.series)
      if (series.run === run) stale = !grow(series, lines, { x, smoothing, points }) || stale
    if (stale) watch.again = true
  }

  const accept = (batch: EventData<'metrics'>) => {
    for (const { run } of batch) seenAt.set(run, performance.now())
    for (const watch of watches.value.values()) {
      for (const lines of batch)
        if (watch.reading) watch.early.push(lines)
        else growAll(watch, lines)
      if (watch.again && !watch.reading) void read(watch)
    }
    changed()
  }

  /** when points of each run last arrived, ms */
  const seenAt = new Map<string, number>()
  const isSilent = (run: string) => performance.now() - (seenAt.get(run) ?? 0) > 2 * leastPause

  /**
   * A restart cuts a run's series back: what is shown of it is read again. So is a run that changes without reporting its
   * points: another process trains it.
   */
  const acceptRuns = (runs: readonly RunSummary[]) => {
    for (const watch of watches.value.values()) {
      const shown = runs.filter(run => watch.request.runs.includes(run.id))
      const cutBack = shown.some(run => {
        const series = watch.series.find(s => s.run === run.id)
        return series && series.restarts.length !== run.restarts.length
      })
      if (cutBack) void read(watch)
      else if (shown.some(run => isSilent(run.id))) readSoon(watch)
    }
  }
  const readSoon = (watch: Watch) => {
    if (watch.reading || watch.again) return
    watch.again = true
    const pause = Math.max(0, watch.readAt + leastPause - performance.now())
    setTimeout(() => void read(watch), pause)
  }
  const readAgain = () => {
    for (const watch of watches.value.values()) void read(watch)
  }

  return { watches, fault, watch, unwatch, seriesOf, accept, acceptRuns, readAgain }
})
