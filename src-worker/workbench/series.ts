// Series for charts: smoothed on the full data, then thinned to about two points a pixel.

import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Series, XAxis } from '../contract/metrics'
import { runFiles } from '../train/run-folder'
import { readCached, readTable, type Stamp, writeCache } from './metric-cache'
import { type Column, type MetricTable, upToDate } from './metric-table'
import { type SeriesOptions, seriesOf } from './thinning'

export interface SeriesReader {
  /** one series a tag */
  read(
    folder: string,
    run: string,
    tags: readonly string[],
    options: SeriesOptions,
  ): Promise<Series[]>
  /** so that the first look at a run is quick; @returns whether there was something to do */
  prepare(folder: string): Promise<boolean>
  /** forget the caches of runs that are gone */
  prune(runs: ReadonlySet<string>): Promise<void>
}

/** runs that are held in memory: those that grow */
const mostTables = 32
/** metrics that are read faster than a cache is opened are not cached, bytes */
const leastCached = 1 << 18
const ending = '.columns'

const filled = ({ values, length }: Column): Float64Array => values.subarray(0, length)

const stampOf = async (folder: string): Promise<Stamp | undefined> => {
  const file = await stat(runFiles(folder).metrics).catch(() => undefined)
  return file && { inode: file.ino, size: file.size, modified: file.mtimeMs }
}
const sameStamp = (a: Stamp, b: Stamp): boolean =>
  a.inode === b.inode && a.size === b.size && a.modified === b.modified

type Tags = readonly string[]
interface Points {
  readonly x: ReadonlyMap<XAxis, Float64Array>
  readonly rows: Float64Array | null
  readonly y: Float64Array
}
const nothing = new Float64Array(0)

interface Held {
  /** before the table was read: what came later is seen by the next look */
  readonly stamp: Stamp
  readonly table: MetricTable
  /** bytes of the metrics that the cache file holds */
  cached: number
}

/** Values of a column in the rows where a tag stands. */
const inRows = (values: Float64Array, rows: Float64Array | null): Float64Array =>
  rows === null || rows.length === values.length ? values : rows.map(row => values[row] ?? 0)

/** @param cacheFolder where columns are kept between starts; absent: nowhere */
export function openSeriesReader(cacheFolder?: string): SeriesReader {
  const tables = new LRUCache<string, Held>({ max: mostTables })
  const working = new Map<string, LimitFunction>()
  const cacheOf = (folder: string): string | undefined =>
    cacheFolder === undefined ? undefined : join(cacheFolder, basename(folder) + ending)

  /** One at a time for each run: two readers would append the same lines twice. */
  const inTurn = <T>(folder: string, work: () => Promise<T>): Promise<T> => {
    const limit = working.get(folder) ?? pLimit(1)
    working.set(folder, limit)
    return limit(work).finally(() => {
      if (limit.activeCount + limit.pendingCount === 0) working.delete(folder)
    })
  }

  const hold = (folder: string, held: Held): void => {
    tables.set(folder, held)
  }

  const save = async (folder: string, { stamp, table }: Held): Promise<number> => {
    const path = cacheOf(folder)
    if (path === undefined || table.mark.end < leastCached) return 0
    // a full disk must not hide the charts
    await writeCache(path, table, stamp).catch(() => undefined)
    return table.mark.end
  }

  /** The table of a run as it is now; what was parsed at length is cached. */
  const tableOf = async (folder: string, stamp: Stamp): Promise<MetricTable | undefined> => {
    const held = tables.get(folder)
    if (held !== undefined && sameStamp(held.stamp, stamp)) return held.table
    const path = cacheOf(folder)
    const kept = held === undefined && path !== undefined ? await readTable(path) : undefined
    const before = held?.cached ?? kept?.mark.end ?? 0
    const table = await upToDate(folder, held?.table ?? kept)
    if (table === undefined) return undefined
    const now: Held = { stamp, table, cached: Math.min(before, table.mark.end) }
    if (table.mark.end - now.cached >= leastCached) now.cached = await save(folder, now)
    hold(folder, now)
    return table
  }

  const fromCache = async (folder: string, stamp: Stamp, axes: readonly XAxis[], tags: Tags) => {
    const path = cacheOf(folder)
    if (path === undefined || tables.has(folder)) return undefined
    const cached = await readCached(path, stamp, axes, tags)
    if (cached === undefined) return undefined
    const { x } = cached
    return new Map([...cached.tags].map(([tag, { rows, y }]) => [tag, { x, rows, y }]))
  }
  const fromTable = async (folder: string, stamp: Stamp, axes: readonly XAxis[], tags: Tags) => {
    const table = await tableOf(folder, stamp)
    const found = new Map<string, Points>()
    if (table === undefined) return found
    const x = new Map(axes.map(axis => [axis, filled(table.x[axis])]))
    for (const tag of tags) {
      const columns = table.tags.get(tag)
      if (columns) found.set(tag, { x, rows: filled(columns.rows), y: filled(columns.y) })
    }
    return found
  }

  const read: SeriesReader['read'] = async (folder, run, tags, options) => {
    const axes: readonly XAxis[] = [...new Set<XAxis>(['step', options.x])]
    const stamp = await stampOf(folder)
    const found =
      stamp === undefined
        ? new Map<string, Points>()
        : ((await fromCache(folder, stamp, axes, tags)) ??
          (await fromTable(folder, stamp, axes, tags)))
    return tags.map(tag => {
      const points = found.get(tag)
      const along = (axis: XAxis): Float64Array =>
        inRows(points?.x.get(axis) ?? nothing, points?.rows ?? null)
      const [step, x, y] = [along('step'), along(options.x), points?.y ?? nothing]
      return seriesOf(run, tag, { step, x, y }, options)
    })
  }

  return {
    read: (folder, run, tags, options) => inTurn(folder, () => read(folder, run, tags, options)),
    prepare: folder =>
      inTurn(folder, async () => {
        const [stamp, path] = [await stampOf(folder), cacheOf(folder)]
        if (stamp === undefined || path === undefined || stamp.size < leastCached) return false
        if ((await readCached(path, stamp, [], [])) !== undefined) return false
        const table = await upToDate(folder, await readTable(path))
        if (table !== undefined) await save(folder, { stamp, table, cached: 0 })
        return true
      }),
    prune: async runs => {
      if (cacheFolder === undefined) return
      const names = await readdir(cacheFolder).catch(() => [])
      const gone = names.filter(n => n.endsWith(ending) && !runs.has(n.slice(0, -ending.length)))
      for (const name of gone) await rm(join(cacheFolder, name), { force: true })
    },
  }
}
