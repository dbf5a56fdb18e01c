// Which machine this is, and which of its processes live. Several machines may share one home: a process id means
// something only on the machine, and in the container, that it was given on.
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What a file of /proc says, or nothing where there is none. */
export const readOr = (read: () => string): string => {
  try {
    return read().trim()
  } catch {
    return ''
  }
}

/** This machine since it was started, and the namespace that process ids belong to (a container has its own). */
export const thisHost = [
  hostname(),
  readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  readOr(() => readlinkSync('/proc/self/ns/pid')),
].join(' ')

/** The same in eight letters, for names of files. */
export const hostMark = createHash('sha256').update(thisHost).digest('hex').slice(0, 8)

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
