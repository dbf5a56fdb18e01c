// What was asked of a snapshot and what it said, the newest first; kept in the window's own storage
// by snapshot.
import type { Question, SideName } from './text-request'

export interface HistoryEntry {
  /** ISO time */
  readonly at: string
  readonly asked: Question
  readonly texts: readonly { readonly side: SideName; readonly texts: readonly string[] }[]
}

const kept = 30
const keyOf = (snapshot: string): string => `text-history-${snapshot}`

/** Storage may hold what an older version wrote: what does not look like an entry is left out. */
const isEntry = (value: unknown): value is HistoryEntry =>
  typeof value === 'object' && value !== null && 'asked' in value && 'texts' in value

export function readHistory(snapshot: string): readonly HistoryEntry[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(snapshot)) ?? '[]')
    return Array.isArray(found) ? found.filter(isEntry) : []
  } catch {
    return []
  }
}

const contentOf = ({ asked, texts }: HistoryEntry): string => JSON.stringify({ asked, texts })

/** Adds an entry, in place of an equal one, and answers with the list. A full storage forgets this snapshot's older half. */
export function writeHistory(snapshot: string, entry: HistoryEntry): readonly HistoryEntry[] {
  const older = readHistory(snapshot).filter(known => contentOf(known) !== contentOf(entry))
  const list = [entry, ...older].slice(0, kept)
  for (const some of [list, list.slice(0, 1 + list.length / 2), list.slice(0, 1)]) {
    try {
      localStorage.setItem(keyOf(snapshot), JSON.stringify(some))
      return some
    } catch {
      // no room: try fewer
    }
  }
  return list
}

export function clearHistory(snapshot: string): readonly HistoryEntry[] {
  localStorage.removeItem(keyOf(snapshot))
  return []
}
