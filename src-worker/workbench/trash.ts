// What was deleted, until it is brought back: trash/<id>/entry.json says where it lay and what its files held, `content`
// is the file or folder itself. Ids are unique, so that nothing that lies here is ever replaced by something else.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import { homePaths } from '../train/home'
import { readFitting } from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'
import { sha256OfFile } from '../weights/file-hash'
import { walk } from './walk'

const entrySchema = z.object({
  /** where it lay */
  from: z.string(),
  date: z.string(),
  /** sha256 by path below `content`; '' is the path of a single file */
  files: z.record(z.string(), z.string()),
})
export type TrashEntry = z.infer<typeof entrySchema>

export const trashFiles = (home: string, id: string) => {
  const folder = join(homePaths(home).trash, id)
  return { folder, entry: join(folder, 'entry.json'), content: join(folder, 'content') }
}

/** sha256 of every file of a folder, or of the one file that `path` is. */
async function hashesOf(path: string): Promise<Record<string, string>> {
  if ((await stat(path)).isFile()) return { '': await sha256OfFile(path) }
  const hashes: Record<string, string> = {}
  for await (const { path: file, kind } of walk(path, new Set()))
    if (kind === 'file') hashes[relative(path, file)] = await sha256OfFile(file)
  return hashes
}

/** The entry of this id; undefined: there is none, or it cannot be read. */
export async function readTrashEntry(home: string, id: string): Promise<TrashEntry | undefined> {
  return readFitting(trashFiles(home, id).entry, entrySchema)
}

/** Files of an entry that are not what they were, or are not there. */
export async function changedFiles(
  home: string,
  id: string,
  { files }: TrashEntry,
): Promise<readonly string[]> {
  const now = await hashesOf(trashFiles(home, id).content)
  const names = new Set([...Object.keys(files), ...Object.keys(now)])
  return [...names].filter(name => files[name] !== now[name])
}

export const trashIds = async (home: string): Promise<readonly string[]> =>
  (await readdir(homePaths(home).trash).catch(() => [])).sort()

/** Moves a file or folder of a home to its trash. A kill leaves it where it lay, or in the trash. Faults: not-found, disk. */
export async function moveToTrash(home: string, path: string): Promise<void> {
  const date = new Date().toISOString()
  const id = `${date.replace(/[:.]/g, '-')}-${randomBytes(6).toString('hex')}`
  const { entry, content } = trashFiles(home, id)
  const from = resolve(path)
  const written: TrashEntry = { from, date, files: await hashesOf(from) }
  await writeAtomically(entry, `${JSON.stringify(written, null, 2)}\n`)
  await rename(from, content)
}

/** The newest entry that lay at this path. */
async function newestOf(home: string, from: string): Promise<[string, TrashEntry] | undefined> {
  for (const id of [...(await trashIds(home))].reverse()) {
    const entry = await readTrashEntry(home, id)
    const there =
      entry?.from === from && (await stat(trashFiles(home, id).content).catch(() => null))
    if (entry !== undefined && there) return [id, entry]
  }
  return undefined
}

/**
 * Brings back what lay at this path, the last that was deleted there.
 * Faults: not-found; busy (something else lies there now); bad-file (it is not what was deleted).
 */
export async function restoreFromTrash(home: string, path: string): Promise<void> {
  const to = resolve(path)
  const found = await newestOf(home, to)
  if (found === undefined)
    throw new Fault('not-found', `${path} is not in the trash`, 'Look into the folder `trash`.')
  const [id, entry] = found
  const { folder, content } = trashFiles(home, id)
  const changed = await changedFiles(home, id, entry)
  if (changed.length > 0) {
    const [first = ''] = changed
    const which = first === '' ? basename(path) : first
    throw new Fault(
      'bad-file',
      `${changed.length} files of ${basename(path)} changed in the trash, among them ${which}`,
      `Copy what is of use out of ${content} by hand.`,
    )
  }
  if ((await stat(to).catch(() => undefined)) !== undefined)
    throw new Fault('busy', `something else lies at ${path} now`, 'Move it away first.')
  await mkdir(dirname(to), { recursive: true })
  await rename(content, to)
  await rm(folder, { recursive: true, force: true })
}
