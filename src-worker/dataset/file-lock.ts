// One at a time of several processes, on one machine or many: a folder is the mark (making one is atomic), kept fresh while
// the work lasts. Its age is by the file system's clock, so that machines need not agree on the time.
// Ours, because proper-lockfile 4.1.2 removes a dead one's mark without looking again: two that find it both work.
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ageOf } from '../weights/file-age'
import { processExists, readOr, thisHost } from '../weights/this-machine'

/** Milliseconds between two heartbeats. */
const freshEvery = 2000
/** A mark as old as this was left by a process that died; one from the future, before the clock was set back. Milliseconds. */
const deadAfter = 15_000
const lookEvery = 100

/** Written again and again by who holds the mark: its process and machine. */
const beatOf = (mark: string): string => join(mark, 'beat')

/** Milliseconds since the mark was freshened; 0: there is none. */
function ageOfMark(mark: string): number {
  for (const path of [beatOf(mark), mark])
    try {
      return Math.abs(ageOf(path, dirname(mark)))
    } catch {
      // without a heartbeat yet, or gone
    }
  return 0
}

/** Process id of the holder, and its machine; empty while it is being written. */
function holderOf(mark: string): readonly [pid: number, host: string] {
  const [, pid = '0', host = ''] =
    /^(\d+) (.*)$/.exec(readOr(() => readFileSync(beatOf(mark), 'utf8'))) ?? []
  return [Number(pid), host]
}

/** Left by a process that died: it has no heartbeat any more, or was on this machine and is gone. */
function isDead(mark: string): boolean {
  if (ageOfMark(mark) > deadAfter) return true
  const [pid, host] = holderOf(mark)
  return host === thisHost && !processExists(pid)
}

const remove = (mark: string): Promise<void> => rm(mark, { recursive: true, force: true })

async function make(mark: string): Promise<boolean> {
  return mkdir(mark).then(
    () => true,
    error => {
      if (error.code !== 'EEXIST') throw error
      return false
    },
  )
}

/**
 * Removes the mark of a process that died. Of several that see it, one does: else a second would take away the mark
 * that the first has made meanwhile. @returns whether it was this one
 */
async function removeDead(mark: string): Promise<boolean> {
  if (!isDead(mark)) return false
  const removing = `${mark}.removing`
  if (await make(removing)) {
    try {
      if (isDead(mark)) await remove(mark)
      return true
    } finally {
      await remove(removing)
    }
  }
  if (ageOfMark(removing) > deadAfter) await remove(removing)
  return false
}

/**
 * Waits until no other process holds this lock, then does the work. Rejects when the signal aborts the waiting.
 * @param busy the fault to throw instead of waiting, by the id of the process that holds it
 */
export async function withFileLock<T>(
  mark: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  busy?: (pid: number) => Error,
): Promise<T> {
  while (!(await make(mark))) {
    if (await removeDead(mark)) continue
    if (busy !== undefined) throw busy(holderOf(mark)[0])
    await sleep(lookEvery, undefined, signal ? { signal } : {})
  }
  const freshen = (): Promise<void> =>
    writeFile(beatOf(mark), `${process.pid} ${thisHost}`).catch(() => undefined)
  let freshening = freshen()
  const beat = setInterval(() => {
    freshening = freshen()
  }, freshEvery)
  beat.unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    await freshening
    await remove(mark)
  }
}
