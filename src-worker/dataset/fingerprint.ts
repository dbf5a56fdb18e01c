// Which data a run saw, cheaply: a large file is known by its size, its beginning and its end.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { relative } from 'node:path'
import { asFault } from '../contract/fault'
import { counted } from '../shared/counted'
import { dataFiles } from './files'

export interface Fingerprint {
  readonly files: number
  readonly bytes: number
  /** of the newest file, unix milliseconds */
  readonly modified: number
  /** over each file's name, size, first and last MiB */
  readonly sha256: string
}

const sample = 1 << 20

/**
 * @param path a file or folder
 * Faults: not-found, disk, bad-data (a folder without data files).
 */
export async function fingerprint(path: string): Promise<Fingerprint> {
  const hash = createHash('sha256')
  let bytes = 0
  let modified = 0
  const files = await dataFiles(path, () => true)
  for (const file of files) {
    const handle = await open(file).catch(error => {
      throw asFault(error)
    })
    try {
      const { size, mtimeMs } = await handle.stat()
      hash.update(`${relative(path, file)}\n${size}\n`)
      for (const at of size > sample ? [0, size - sample] : [0]) {
        const part = Buffer.alloc(Math.min(sample, size))
        await handle.read(part, 0, part.length, at)
        hash.update(part)
      }
      bytes += size
      modified = Math.max(modified, mtimeMs)
    } finally {
      await handle.close()
    }
  }
  return { files: files.length, bytes, modified, sha256: hash.digest('hex') }
}

/** One line for provenance. */
export const fingerprintText = ({ files, bytes, modified, sha256 }: Fingerprint): string =>
  `sha256 ${sha256} of ${counted(files, 'file')}, ${bytes} bytes, ${new Date(modified).toISOString()}`
