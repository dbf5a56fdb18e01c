// Files are written whole or not at all: a temporary name in the same folder, synced, then renamed.
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeFault } from '../contract/fault'
import { hostMark, processExists } from './this-machine'

/** A name beside `path` that no reader mistakes for the file, and that says which process writes it. */
export function temporaryPath(path: string): string {
  const writer = `${hostMark}-${process.pid}-${randomBytes(4).toString('hex')}`
  return join(dirname(path), `.${basename(path)}.${writer}.tmp`)
}

/** Machine and process of a temporary name; older versions gave neither. */
const temporaryName = /^\..+?[.-](?:([0-9a-f]{8})-(\d+)-)?[0-9a-f]{8,12}\.tmp$/

/** Whether the process that wrote under this name is known to be dead: nobody will rename the file any more. */
function isOrphan(name: string): boolean {
  const [, host, pid] = temporaryName.exec(name) ?? []
  return host === hostMark && !processExists(Number(pid))
}

/**
 * What is left in a folder of files that were being written: those whose process is dead at once, the others when
 * nothing came to them for `age` milliseconds.
 */
export async function leftTemporaries(folder: string, age: number): Promise<readonly string[]> {
  const left: string[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    if (!temporaryName.test(name)) continue
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (isOrphan(name) || Date.now() - mtimeMs >= age) left.push(path)
  }
  return left
}

/** Removes what killed processes left, see leftTemporaries. */
export async function removeTemporaries(folder: string, age: number): Promise<void> {
  for (const path of await leftTemporaries(folder, age)) await rm(path, { force: true })
}

/** Makes a rename survive a power cut. Windows cannot sync a folder: there it is left out. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

/** Moves a finished, synced temporary file to its place. */
export async function replaceFile(temporary: string, path: string): Promise<void> {
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/**
 * Writes a file so that readers see the old content or the new one, never a part; the folder is made when missing.
 * Several chunks are written one after another, perhaps as they are made. Faults: disk (no space, no permission), and the old content stays.
 */
export async function writeAtomically(
  path: string,
  data: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = temporaryPath(path)
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(temporary, 'wx')
    try {
      if (typeof data === 'string' || data instanceof Uint8Array) await handle.writeFile(data)
      else for await (const chunk of data) await handle.writeFile(chunk)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await replaceFile(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeFault(error, path)
  }
}
