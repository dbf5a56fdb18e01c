// The numbers of documents: counted in the background, one data set after another, and kept by the fingerprint of the
// data, so that each is counted once in its life, wherever it is moved.

import { join } from 'node:path'
import pLimit from 'p-limit'
import { z } from 'zod'
import type { CountRequest } from '../behaviours/data-kinds'
import { asFault, Fault } from '../contract/fault'
import type { DatasetEntry } from '../contract/library'
import { fingerprint } from '../dataset/fingerprint'
import { isUrl } from '../dataset/remote'
import { startThread } from '../ports/start'
import type { Context } from './context'
import type { CountListener, CountThread } from './count-thread'
import threadFile from './count-thread?modulePath'
import { jsonFile } from './json-file'

type Documents = DatasetEntry['documents']
/** An entry of the library without what is found out here. */
export type Uncounted = Omit<DatasetEntry, 'documents'>

/** Larger data are counted only on request: a training has the disk and the processor before us. */
const automaticBytes = 2e9

export interface DatasetCounts {
  /** What is known of it now. @param stamp changes when the data do */
  of(entry: Uncounted, stamp: string): Documents
  /** Counts it now, however large it is. */
  count(entry: Uncounted, stamp: string): void
  close(): Promise<void>
}

export const countName = (path: string): string => `count ${path}`

const isCountable = ({ made, path }: Uncounted): boolean => !made && !isUrl(path)

const uncountable = ({ made }: Uncounted): Documents => ({
  ...{ kind: 'not-counted', countable: false },
  why: made ? 'made as they are needed' : 'not on this machine',
})

/** One pass in a thread of its own. Faults: those of countDocuments. */
async function inThread(
  { path, kind, field }: CountRequest,
  signal: AbortSignal,
  onUpdate: (soFar: number) => void,
): Promise<number> {
  const here: CountListener = { soFar: onUpdate }
  const fault = (why: string): Fault =>
    new Fault('engine', `counting ${path} ended without an answer: ${why}`, 'Count it again.')
  const thread = startThread<CountThread>(threadFile, { here, fault })
  const stop = (): void => void thread.end()
  signal.addEventListener('abort', stop)
  try {
    return await thread.call.count({ path, kind, field })
  } finally {
    signal.removeEventListener('abort', stop)
    await thread.end()
  }
}

/** @param automatic whether data are counted without being asked */
export function openDatasetCounts(context: Context, automatic: boolean): DatasetCounts {
  const { home, emit, cancellable, cancel } = context
  const kept = jsonFile(join(home, 'cache', 'documents.json'), z.record(z.string(), z.number()))
  const known = new Map<string, Documents>()
  const waiting = new Set<string>()
  const inTurn = pLimit(1)
  let closed = false

  const report = (path: string, soFar: number): void =>
    emit('progress', { request: countName(path), doing: String(soFar), fraction: null })

  const counted = async (entry: CountRequest, signal: AbortSignal): Promise<number> => {
    const { sha256 } = await fingerprint(entry.path)
    const key = [sha256, entry.kind, entry.field].join(' ')
    const before = (await kept.read())[key]
    if (before !== undefined) return before
    const documents = await inThread(entry, signal, soFar => report(entry.path, soFar))
    await kept.change(all => ({ ...all, [key]: documents }))
    return documents
  }
  const work = async (entry: CountRequest, key: string): Promise<void> => {
    if (closed) return
    try {
      const name = countName(entry.path)
      const count = await cancellable(name, signal => counted(entry, signal))
      known.set(key, { kind: 'counted', count })
    } catch (error) {
      const { code, message } = asFault(error)
      const why = code === 'cancelled' ? '' : message
      known.set(key, { kind: 'not-counted', why, countable: true })
    }
    waiting.delete(entry.path)
    if (!closed) emit('libraryChanged', { what: 'datasets' })
  }
  const begin = (entry: Uncounted, stamp: string): void => {
    const key = `${entry.path}\n${stamp}`
    known.set(key, { kind: 'counting' })
    waiting.add(entry.path)
    void inTurn(() => work(entry, key))
  }
  return {
    of: (entry, stamp) => {
      if (!isCountable(entry)) return uncountable(entry)
      const key = `${entry.path}\n${stamp}`
      const own = automatic && entry.bytes <= automaticBytes
      if (!known.has(key) && own) begin(entry, stamp)
      return known.get(key) ?? { kind: 'not-counted', why: '', countable: true }
    },
    count: (entry, stamp) => {
      if (isCountable(entry) && !waiting.has(entry.path)) begin(entry, stamp)
    },
    close: async () => {
      closed = true
      for (const path of waiting) cancel(countName(path))
      await inTurn(async () => undefined)
    },
  }
}
