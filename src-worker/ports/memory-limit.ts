// A bound on the memory of a process of ours, kept from outside: what it holds natively counts, too. Linux only; elsewhere
// V8's own limit is the bound.
import { readFileSync } from 'node:fs'

/** ms between two looks */
const every = 100
const page = 4096

function residentBytes(pid: number): number {
  try {
    return page * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  } catch {
    return 0
  }
}

/**
 * Kills a process that holds more than `most` bytes.
 * @param most 0: nothing is watched
 * @returns end() stops watching, and says why it was killed
 */
export function watchMemory(pid: number | undefined, most: number, kill: () => void) {
  let why: string | undefined
  const look = (): void => {
    if (pid === undefined || residentBytes(pid) <= most) return
    why = `it took more than ${most / 1e6} MB of memory`
    kill()
  }
  const timer = most === 0 ? undefined : setInterval(look, every)
  timer?.unref()
  return {
    end: (): string | undefined => {
      clearInterval(timer)
      return why
    },
  }
}
