// A checksum beside a file that was fetched: NAME.sha256. What changed on the disk since is not used.
import { readFile, rm, stat } from 'node:fs/promises'
import { writeAtomically } from '../weights/atomic'
import { sha256OfFile } from '../weights/file-hash'

const sumPath = (path: string): string => `${path}.sha256`

/** Notes what the file holds now. Faults: disk. */
export const writeSum = async (path: string): Promise<void> =>
  writeAtomically(sumPath(path), await sha256OfFile(path))

/** Files that were looked at since the program started, by size and time of change. */
const whole = new Map<string, string>()

/** Whether a file is what it was when it was fetched; one without a checksum is believed. Reads all of it. */
export async function isWholeFile(path: string): Promise<boolean> {
  const sum = await readFile(sumPath(path), 'utf8').catch(() => undefined)
  return sum === undefined || sum === (await sha256OfFile(path))
}

/** As isWholeFile, once for each process: a run opens its data several times. */
export async function isKnownWhole(path: string): Promise<boolean> {
  const { size, mtimeMs } = await stat(path)
  const stamp = `${size} ${mtimeMs}`
  if (whole.get(path) === stamp) return true
  const found = await isWholeFile(path)
  if (found) whole.set(path, stamp)
  return found
}

export async function removeWithSum(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(sumPath(path), { force: true })
}
