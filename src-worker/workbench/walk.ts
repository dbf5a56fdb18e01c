// Everything below a folder, without following links. (readdir's own `recursive` came after the oldest Node we run on.)
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface Walked {
  readonly path: string
  readonly kind: 'file' | 'folder'
}

/** Folders come before what they hold; those that cannot be read hold nothing. @param skip folders not gone into */
export async function* walk(folder: string, skip: ReadonlySet<string>): AsyncGenerator<Walked> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isFile()) yield { path, kind: 'file' }
    if (!entry.isDirectory() || skip.has(path)) continue
    yield { path, kind: 'folder' }
    yield* walk(path, skip)
  }
}
