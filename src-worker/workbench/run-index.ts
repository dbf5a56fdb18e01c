// All runs of a home, read from their folders, kept fresh by looking at the folders once a second: what another process
// (the command line) writes appears too.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isActive, type RunSummary } from '../contract/run'
import { homePaths } from '../train/home'
import { readSummary, runFiles } from '../train/run-folder'
import type { Context } from './context'

const lookEvery = 1000

interface Seen {
  readonly stamp: string
  readonly summary: RunSummary
}

export interface RunIndex {
  list(): Promise<readonly RunSummary[]>
  /** as seen at the last look, at most a second old */
  known(): Promise<readonly RunSummary[]>
  /** look now, tell what changed, answer the run */
  refresh(id: string): Promise<RunSummary>
  close(): void
}

async function stampOf(folder: string): Promise<string> {
  const files = runFiles(folder)
  const times = [files.spec, files.state, files.label].map(async f => (await stat(f)).mtimeMs)
  return (await Promise.all(times)).join(' ')
}

export function openRunIndex(context: Context, known: ReadonlySet<string>): RunIndex {
  const { home, emit, log } = context
  let seen = new Map<string, Seen>()
  const complained = new Set<string>()
  const runs = homePaths(home).runs

  const look = async (id: string): Promise<Seen | undefined> => {
    const folder = join(runs, id)
    try {
      const stamp = await stampOf(folder)
      const before = seen.get(id)
      if (before?.stamp === stamp && !isActive(before.summary.state)) return before
      const summary = await readSummary(folder, known)
      if (before?.stamp === stamp && before.summary.state.kind === summary.state.kind) return before
      return { stamp, summary }
    } catch (error) {
      // a folder that is being made or deleted is no run yet; a broken one is told once
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && !complained.has(id)) {
        complained.add(id)
        log(`run ${id} cannot be read: ${message}`)
      }
      return undefined
    }
  }

  const lookAtAll = async (): Promise<void> => {
    const names = (await readdir(runs).catch(() => [])).filter(n => !n.startsWith('.')).sort()
    const found = new Map<string, Seen>()
    for (const id of names) {
      const one = await look(id)
      if (one !== undefined) found.set(id, one)
    }
    const fresh = [...found].filter(([id, s]) => seen.get(id) !== s).map(([, s]) => s.summary)
    const gone = [...seen.keys()].filter(id => !found.has(id))
    seen = found
    if (fresh.length + gone.length > 0) emit('runsChanged', { runs: fresh, gone })
  }

  // one look at a time; a look asked for during a look follows it
  let looking: Promise<void> = lookAtAll()
  const lookAgain = (): Promise<void> => {
    looking = looking.then(lookAtAll, lookAtAll)
    return looking
  }
  let idle = true
  const timer = setInterval(() => {
    if (!idle) return
    idle = false
    lookAgain().finally(() => {
      idle = true
    })
  }, lookEvery)
  timer.unref()

  return {
    list: async () => {
      await lookAgain()
      return [...seen.values()].map(s => s.summary)
    },
    known: async () => {
      await looking
      return [...seen.values()].map(s => s.summary)
    },
    refresh: async id => {
      await lookAgain()
      return seen.get(id)?.summary ?? readSummary(join(runs, id), known)
    },
    close: () => clearInterval(timer),
  }
}
