// How long ago a file was written, by the clock of its file system: machines that share a folder need not agree on the time.
import { closeSync, fstatSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryPath } from './atomic'

/** Opening a file makes a network file system bring its times up to date. Unix milliseconds by the file system's clock. */
function timeOf(path: string, flags: 'r' | 'w'): number {
  const file = openSync(path, flags)
  try {
    if (flags === 'w') writeFileSync(file, '.')
    return fstatSync(file).mtimeMs
  } finally {
    closeSync(file)
  }
}

/**
 * Milliseconds since a file was written, however wrong the clocks of two machines are.
 * @param beside a folder of the same file system, where a file is made to read its clock
 */
export function ageOf(path: string, beside = dirname(path)): number {
  const clock = temporaryPath(join(beside, 'clock'))
  try {
    return timeOf(clock, 'w') - timeOf(path, 'r')
  } catch {
    // a folder that cannot be written: this machine's own clock must do
    return Date.now() - timeOf(path, 'r')
  } finally {
    rmSync(clock, { force: true })
  }
}
