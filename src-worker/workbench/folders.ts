// Folders of the engine's machine, to choose files in from another one. It reads names and sizes, and opens no file.
import { lstat, readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { asFault } from '../contract/fault'
import type { Folder } from '../contract/machine'

/** Entries of one folder, at most; beyond that a person types the path. */
const mostEntries = 2000
/** Sizes asked for at once. */
const atOnce = 64

type Entry =
  | { readonly kind: 'folder'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: number }

/** Links count as what they lead to. @returns undefined: neither file nor folder, or it cannot be read */
async function entryOf(folder: string, name: string): Promise<Entry | undefined> {
  const path = join(folder, name)
  const found = await stat(path).catch(() => lstat(path).catch(() => undefined))
  if (found?.isDirectory()) return { kind: 'folder', name }
  return found?.isFile() ? { kind: 'file', name, bytes: found.size } : undefined
}

async function listed(folder: string): Promise<Folder> {
  const path = resolve(homedir(), folder)
  const names = await readdir(path).catch(error => {
    throw asFault(error, path)
  })
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const wanted = names.slice(0, mostEntries)
  const entries: Entry[] = []
  for (let at = 0; at < wanted.length; at += atOnce) {
    const part = wanted.slice(at, at + atOnce)
    const found = await Promise.all(part.map(name => entryOf(path, name)))
    entries.push(...found.filter(entry => entry !== undefined))
  }
  return {
    path,
    parent: dirname(path) === path ? null : dirname(path),
    folders: entries.filter(entry => entry.kind === 'folder').map(({ name }) => name),
    files: entries.flatMap(entry =>
      entry.kind === 'file' ? [{ name: entry.name, bytes: entry.bytes }] : [],
    ),
    left: names.length - entries.length,
  }
}

export const folderCalls: Pick<WorkbenchApi, 'listFolder'> = {
  listFolder: ({ folder }) => listed(folder),
}
