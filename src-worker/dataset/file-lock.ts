// One at a time of several processes: a folder is the mark (making one is atomic), kept fresh while the work lasts.
import { mkdir, rm, stat, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds between two heartbeats. */
const freshEvery = 2000
/** A mark as old as this was left by a process that died. Milliseconds. */
const deadAfter = 15_000
const lookEvery = 100

/** Milliseconds since the mark was freshened; 0: there is none. */
const ageOf = (mark: string): Promise<number> =>
  stat(mark).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs),
    () => 0,
  )

async function take(mark: string): Promise<boolean> {
  if ((await ageOf(mark)) > deadAfter) await rm(mark, { recursive: true, force: true })
  return mkdir(mark).then(
    () => true,
    error => {
      if (error.code !== 'EEXIST') throw error
      return false
    },
  )
}

/** Waits until no other process holds this lock, then does the work. Rejects when the signal aborts the waiting. */
export async function withFileLock<T>(
  mark: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await take(mark))) await sleep(lookEvery, undefined, signal ? { signal } : {})
  const beat = setInterval(() => {
    const now = new Date()
    utimes(mark, now, now).catch(() => undefined)
  }, freshEvery)
  beat.unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    await rm(mark, { recursive: true, force: true })
  }
}
