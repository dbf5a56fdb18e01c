// sha256 of files, for provenance. A hash is kept as long as size and times stay the same.
import { stat } from 'node:fs/promises'
import { relative } from 'node:path'
import type { ModelFolder } from '../contract/model'
import { isPlain } from '../shared/plain-object'
import { writeAtomically } from './atomic'
import { sha256OfFile } from './file-hash'
import { readObject } from './json'
import { weightPaths, weightsFolder } from './model-folder'

/** `size:times:inode` → hash, by path; a plain JSON file. */
type Cache = Record<string, { readonly stamp: string; readonly sha256: string }>

async function readCache(path: string | undefined): Promise<Cache> {
  const source = path === undefined ? undefined : await readObject(path).catch(() => undefined)
  const entries = Object.entries(source ?? {}).filter(([, value]) => isPlain(value))
  return Object.fromEntries(entries) as Cache
}

/**
 * Hashes of files by path. A file's stamp has the time of its last change of any kind, which nobody sets: a file that was
 * copied over another one with its old times is another file.
 * @param cacheFile where hashes are kept between runs; nothing is kept without it
 */
export async function hashesOf(
  paths: readonly string[],
  cacheFile?: string,
): Promise<ReadonlyMap<string, string>> {
  const cache = await readCache(cacheFile)
  const hashes = new Map<string, string>()
  let changed = false
  for (const path of paths) {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path)
    const stamp = [size, mtimeMs, ctimeMs, ino].join(':')
    let known = cache[path]
    if (known?.stamp !== stamp) {
      known = { stamp, sha256: await sha256OfFile(path) }
      cache[path] = known
      changed = true
    }
    hashes.set(path, known.sha256)
  }
  if (changed && cacheFile !== undefined) await writeAtomically(cacheFile, JSON.stringify(cache))
  return hashes
}

/** Hashes of all weight files of a model, by name below its weights folder. See hashesOf. */
export async function hashModelFiles(
  folder: ModelFolder,
  cacheFile?: string,
): Promise<Readonly<Record<string, string>>> {
  const hashes = await hashesOf(weightPaths(folder), cacheFile)
  return Object.fromEntries(
    [...hashes].map(([path, sha256]) => [relative(weightsFolder(folder), path), sha256]),
  )
}
