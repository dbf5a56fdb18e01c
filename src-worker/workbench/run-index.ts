// All runs of a home, read from their folders, kept fresh by looking at the folders once a second: what another process
// (the command line) writes appears too.

import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import pLimit from 'p-limit'
import { asFault } from '../contract/fault'
import { isActive, isUnderWay, type RunState, type RunSummary } from '../contract/run'
import { homePaths } from '../train/home'
import { readSummary, runFiles } from '../train/run-folder'
import type { Context } from './context'
import { eachOf } from './each-of'

const lookEvery = 1000
/** looks take at most this share of the time, but are no further apart than this, ms */
const share = 0.1
const atLatest = 10_000
/** folders looked at before others get their turn */
const inARow = 100
/** a run is looked into at every so many looks, even if its folder seems unchanged */
const looksApart = 32
/** times of folders are this coarse on some disks: what is younger may change once more unseen, ms */
const coarse = 2500

interface Seen {
  /** when its folder last changed; 0: look into it again */
  readonly folderTime: number
  readonly stamp: string
  readonly summary: RunSummary
  /** changes when a snapshot or checkpoint of it comes, goes or is renamed */
  readonly libraryKey: string
}

/** Whether the state changes when its owner dies, without a change of any file. */

export interface RunIndex {
  list(): Promise<readonly RunSummary[]>
  /** as seen at the last look, about a second old */
  known(): Promise<readonly RunSummary[]>
  /** look at this run now, report what changed, return it */
  refresh(id: string): Promise<RunSummary>
  /** how a run ended whose folder could not take it (a full disk); undefined: it begins anew */
  endedAs(id: string, state: RunState | undefined): void
  /** hear of all runs after each look */
  onLook(listener: (runs: readonly RunSummary[]) => void): void
  close(): void
}

/** Synchronous: a tenth of the processor time, and thousands are asked each second. */
const timeOf = (path: string): number => statSync(path).mtimeMs

const stampOf = (folder: string): string => {
  const { spec, state, label, evaluations } = runFiles(folder)
  const imported = statSync(evaluations, { throwIfNoEntry: false })?.mtimeMs ?? ''
  return [...[spec, state, label].map(timeOf), imported].join(' ')
}

/** The time of a folder changes with the files that come and go in it. What waits for its turn has none yet. */
const libraryKeyOf = (folder: string, { name, state }: RunSummary): string => {
  if (state.kind === 'queued') return ''
  const { snapshot, checkpoints } = runFiles(folder)
  const times = [snapshot, checkpoints].map(p => statSync(p, { throwIfNoEntry: false })?.mtimeMs)
  return [name, ...times].join(' ')
}

/** What stands in the folder of all runs; none of it is there yet in a new home. Faults: not-found, disk. */
async function namesIn(runs: string): Promise<readonly string[]> {
  const names = await readdir(runs).catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw asFault(error, runs)
  })
  return names.filter(n => !n.startsWith('.')).sort()
}

export function openRunIndex(context: Context, known: ReadonlySet<string>): RunIndex {
  const { home, emit, log } = context
  let seen: ReadonlyMap<string, Seen> = new Map()
  let looks = 0
  const complained = new Set<string>()
  const unwritten = new Map<string, RunState>()
  const listeners: ((runs: readonly RunSummary[]) => void)[] = []
  const runs = homePaths(home).runs

  /** Its files are always replaced, never written into, so a change shows in the time of the folder. */
  const mustLookInto = (before: Seen | undefined, folderTime: number, place: number): boolean =>
    before?.folderTime !== folderTime ||
    isActive(before.summary.state) ||
    (looks + place) % looksApart === 0

  /** What stands in the folder, unless its run has ended since and could not write that. */
  const asEnded = (summary: RunSummary): RunSummary => {
    const state = unwritten.get(summary.id)
    return state !== undefined && isActive(summary.state) ? { ...summary, state } : summary
  }

  const lookInto = async (folder: string, before: Seen | undefined): Promise<Seen> => {
    const time = timeOf(folder)
    const folderTime = Date.now() - time < coarse ? 0 : time
    const stamp = stampOf(folder)
    const isSame = before?.stamp === stamp && !isUnderWay(before.summary.state)
    const read = isSame ? before.summary : asEnded(await readSummary(folder, known))
    const summary = isDeepStrictEqual(before?.summary, read) ? (before?.summary ?? read) : read
    return { folderTime, stamp, summary, libraryKey: libraryKeyOf(folder, summary) }
  }

  const complain = (id: string, error: unknown): void => {
    // a folder that is being made or deleted is no run yet; a broken one is reported once
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || complained.has(id)) return
    complained.add(id)
    log(`run ${id} cannot be read: ${message}`)
  }

  const look = async (id: string, place: number): Promise<Seen | undefined> => {
    const folder = join(runs, id)
    const before = seen.get(id)
    try {
      if (before !== undefined && !mustLookInto(before, timeOf(folder), place)) return before
      return await lookInto(folder, before)
    } catch (error) {
      complain(id, error)
      return undefined
    }
  }

  const all = (): readonly RunSummary[] => [...seen.values()].map(s => s.summary)

  /** Puts in place what a look found, and reports what is new in it. */
  const accept = (found: ReadonlyMap<string, Seen>): void => {
    const before = seen
    seen = found
    const fresh = [...found].filter(([id, s]) => before.get(id)?.summary !== s.summary)
    const changed = fresh.map(([, s]) => s.summary)
    const gone = [...before.keys()].filter(id => !found.has(id))
    // what is there from the start is not news: lists are read by a call
    if (looks > 0 && changed.length + gone.length > 0) emit('runsChanged', { runs: changed, gone })
    const keyIn = (id: string, of: ReadonlyMap<string, Seen>) => of.get(id)?.libraryKey ?? ''
    const moved = [...found.keys(), ...gone].some(id => keyIn(id, found) !== keyIn(id, before))
    if (looks > 0 && moved) emit('libraryChanged', { what: 'snapshots' })
    const runsNow = all()
    for (const listener of listeners) listener(runsNow)
  }

  let lookTook = 0
  const lookAtAll = async (): Promise<void> => {
    const start = performance.now()
    const names = await namesIn(runs)
    const found = new Map<string, Seen>()
    for (let i = 0; i < names.length; i += inARow) {
      const some = names.slice(i, i + inARow)
      const looked = await eachOf(some, id => look(id, found.size))
      for (const [k, one] of looked.entries()) if (one !== undefined) found.set(some[k] ?? '', one)
      await setImmediate()
    }
    accept(found)
    // the first look reads everything: no measure of those that follow
    if (looks++ > 0) lookTook = performance.now() - start
  }

  // one look at a time; a look asked for during a look follows it
  const inTurn = pLimit(1)
  // what cannot be read is the answer of the next call of list
  void inTurn(lookAtAll).catch(() => undefined)
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const lookLater = (): void => {
    if (closed) return
    const pause = Math.min(atLatest, Math.max(lookEvery, lookTook / share))
    timer = setTimeout(() => void inTurn(lookAtAll).then(lookLater, lookLater), pause)
    timer.unref()
  }
  lookLater()

  const lookAt = async (id: string): Promise<void> => {
    const found = await lookInto(join(runs, id), seen.get(id)).catch(error => complain(id, error))
    const next = new Map(seen)
    if (found) next.set(id, found)
    else next.delete(id)
    accept(next)
  }

  return {
    list: async () => {
      await inTurn(lookAtAll)
      return all()
    },
    known: async () => {
      await inTurn(async () => undefined)
      return all()
    },
    refresh: async id => {
      await inTurn(() => lookAt(id))
      return seen.get(id)?.summary ?? readSummary(join(runs, id), known)
    },
    endedAs: (id, state) => {
      if (state === undefined) unwritten.delete(id)
      else unwritten.set(id, state)
    },
    onLook: listener => listeners.push(listener),
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
