// A file or a folder → the data files in it, each with its reader.
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { asFault, Fault } from '../contract/fault'
import { refuseSpecial } from '../weights/plain-file'
import type { FieldsReader, FieldsRecord } from './fields'
import { isolatedParquet } from './isolated'
import { jsonRecords } from './json-lines'
import { textRecords } from './plain-text'
import type { SkipCounts } from './skip-counts'
import { tableRecords } from './table'

const readers: readonly [RegExp, FieldsReader][] = [
  [/\.(jsonl|ndjson|json)(\.zst|\.gz)?$/i, jsonRecords],
  [/\.parquet$/i, isolatedParquet],
  [/\.(csv|tsv)(\.zst|\.gz)?$/i, tableRecords],
  [/\.txt(\.zst|\.gz)?$/i, textRecords],
]

export const readableNames = '.jsonl, .json, .parquet, .csv, .tsv or .txt (also .zst and .gz)'

const readerOf = (path: string): FieldsReader | undefined =>
  readers.find(([name]) => name.test(path))?.[1]

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )

/**
 * All files below a folder, sorted by path as code units: the same order everywhere.
 * @param above real paths of the folders on the way: a link back to one of them is not followed
 */
async function filesBelow(folder: string, above: readonly string[] = []): Promise<string[]> {
  const real = await realpath(folder)
  if (above.includes(real)) return []
  const entries = await readdir(folder, { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path))))
      found.push(...(await filesBelow(path, [...above, real])))
    else {
      // a link that leads nowhere is reported when it is read
      const target = await stat(path).catch(() => undefined)
      if (target !== undefined) refuseSpecial(path, target)
      found.push(path)
    }
  }
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/**
 * The data files that a path stands for.
 * @param readable whether a file of a folder is one; a path to a single file is always taken
 * Faults: not-found, bad-data (a folder without any).
 */
export async function dataFiles(
  path: string,
  readable: (file: string) => boolean = file => readerOf(file) !== undefined,
): Promise<string[]> {
  const found = await stat(path).catch(error => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asFault(error)
    throw new Fault('not-found', `there is no data at ${path}`, 'Check the path of the data.', {
      cause: error,
    })
  })
  refuseSpecial(path, found)
  if (!found.isDirectory()) return [path]
  const files = (await filesBelow(path)).filter(readable)
  if (files.length === 0)
    throw new Fault(
      'bad-data',
      `no file in ${path} can be read`,
      `Put files in it: ${readableNames}.`,
    )
  return files
}

/**
 * Records of a file or folder, in order, as named fields.
 * Faults: not-found, bad-file, bad-data, usage (a kind of file that cannot be read).
 */
export async function* fieldsRecords(
  path: string,
  skipped: SkipCounts,
): AsyncGenerator<FieldsRecord> {
  for (const file of await dataFiles(path)) {
    const reader = readerOf(file)
    if (reader === undefined)
      throw new Fault('usage', `${file} is of no kind that can be read`, `Give ${readableNames}.`)
    yield* reader(file, skipped)
  }
}
