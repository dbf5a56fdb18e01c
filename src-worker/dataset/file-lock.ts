// One at a time of several processes, on one machine or many: a folder is the mark (making one is atomic), kept fresh while
// the work lasts. Its age is by the file system's clock, so that machines need not agree on the time.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ageOf } from '../weights/file-age'

/** Milliseconds between two heartbeats. */
const freshEvery = 2000
/** A mark as old as this was left by a process that died; one from the future, before the clock was set back. Milliseconds. */
const deadAfter = 15_000
const lookEvery = 100

/** Written again and again by who holds the mark. */
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
 * that the first has made meanwhile.
 */
async function removeDead(mark: string): Promise<void> {
  if (ageOfMark(mark) <= deadAfter) return
  const removing = `${mark}.removing`
  if (await make(removing)) {
    try {
      if (ageOfMark(mark) > deadAfter) await remove(mark)
    } finally {
      await remove(removing)
    }
  } else if (ageOfMark(removing) > deadAfter) await remove(removing)
}

/** Waits until no other process holds this lock, then does the work. Rejects when the signal aborts the waiting. */
export async function withFileLock<T>(
  mark: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await make(mark))) {
    await removeDead(mark)
    await sleep(lookEvery, undefined, signal ? { signal } : {})
  }
  const freshen = (): Promise<void> => writeFile(beatOf(mark), '.').catch(() => undefined)
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
