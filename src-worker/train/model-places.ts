// The models that can be named: which folders hold them, what each is called there, and where one that is named lies.
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { Fault } from '../contract/fault'
import type { SnapshotMetadata } from '../contract/snapshot'
import { nearestName } from '../contract/spec-fields'
import { otherKind } from '../weights/folder-kind'
import { homePaths, type Places, readSettings } from './home'

/** Folders that hold models as <org>/<name> or <name>, in the order of looking. */
export function modelRoots({ home, resources }: Places): readonly string[] {
  return [homePaths(home).models, join(resources, 'models'), ...readSettings(home).modelFolders]
}

const isModel = (path: string): Promise<boolean> =>
  stat(join(path, 'config.json')).then(
    s => s.isFile(),
    () => false,
  )

async function subfolders(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries
    .filter(e => (e.isDirectory() || e.isSymbolicLink()) && !e.name.startsWith('.'))
    .map(e => join(path, e.name))
    .sort()
}

/** <root>, <root>/<name> and <root>/<org>/<name>, wherever a config.json lies. */
export async function modelFolders(root: string): Promise<readonly string[]> {
  if (await isModel(root)) return [root]
  const found: string[] = []
  for (const path of await subfolders(root)) {
    if (await isModel(path)) found.push(path)
    else for (const below of await subfolders(path)) if (await isModel(below)) found.push(below)
  }
  return found
}

/** What specs call it: org/name or name below a root, else the path. */
export function modelIdOf(path: string, roots: readonly string[]): string {
  const root = roots.find(r => path.startsWith(r + sep))
  return root === undefined
    ? path
    : path
        .slice(root.length + 1)
        .split(sep)
        .join('/')
}

/** Ids of the models below the roots. */
async function namedModels(roots: readonly string[]): Promise<readonly string[]> {
  const folders = await Promise.all(roots.map(modelFolders))
  return [...new Set(folders.flat().map(path => modelIdOf(path, roots)))]
}

/** At most this many names stand in a fault. */
const mostNames = 8

/** Did you mean …? There are …. */
async function unknownModel(name: string, roots: readonly string[]): Promise<Fault> {
  const ids = await namedModels(roots)
  const meant = nearestName(basename(name), ids)
  const more = ids.length > mostNames ? ` and ${ids.length - mostNames} more (spw models)` : ''
  const fix = [
    ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
    ...(ids.length === 0 ? [] : [`There are ${ids.slice(0, mostNames).join(', ')}${more}.`]),
    'Give the path of a model folder, or download the model in the Library first.',
  ]
  return new Fault(
    'not-found',
    `no model ${name}: no config.json in ${name} or under ${roots.join(', ')}`,
    fix.join(' '),
  )
}

/**
 * The folder of a model: a path, an id (org/name), or a bare name of the library.
 * Faults: `not-found`, naming the places looked at and the models that are there.
 */
export async function locateModel(name: string, places: Places): Promise<string> {
  const roots = modelRoots(places)
  const candidates = [
    resolve(name),
    ...roots.map(r => join(r, name)),
    ...roots.map(r => join(r, basename(name))),
    ...roots.filter(r => basename(r) === basename(name)),
  ]
  for (const path of candidates) if (await isModel(path)) return path
  for (const path of candidates) {
    const other = await otherKind(path)
    if (other !== undefined) throw other
  }
  throw await unknownModel(name, roots)
}

/** The folder of the model that a snapshot was trained on: where it lay then, else by its name. Faults: not-found. */
export async function modelOfSnapshot(
  { model, training }: Pick<SnapshotMetadata, 'model' | 'training'>,
  places: Places,
): Promise<string> {
  const { modelPath } = training
  if (typeof modelPath === 'string' && (await isModel(modelPath))) return modelPath
  return locateModel(model, places)
}
