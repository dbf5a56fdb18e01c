// Where things lie. Everything a user keeps is under one folder, SPW_HOME.
import { existsSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Fault } from '../contract/fault'
import { homeFolder as homeOf } from '../contract/home'
import { type Settings, settingsSchema } from '../contract/library'
import { allowedCommandsSchema } from '../contract/scorer'
import type { SnapshotMetadata } from '../contract/snapshot'
import { fitting } from '../shared/json'
import { otherKind } from '../weights/folder-kind'
import { readSmallText } from '../weights/plain-file'

export const homeFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(homeOf({ env, platform: process.platform, userHome: homedir() }))

export const homePaths = (home: string) =>
  ({
    models: join(home, 'models'),
    datasets: join(home, 'datasets'),
    runs: join(home, 'runs'),
    snapshots: join(home, 'snapshots'),
    presets: join(home, 'presets'),
    frozen: join(home, 'frozen'),
    /** what was submitted to a cluster: scripts and logs */
    jobs: join(home, 'jobs'),
    answers: join(home, 'answers'),
    trash: join(home, 'trash'),
    /** models in few bits, made when they were first opened; can be deleted when no run uses them */
    quantised: join(home, 'quantised'),
    /** columns of runs' metrics; can be deleted at any time */
    seriesCache: join(home, 'cache', 'series'),
    /** of weight files, by path, size and time; can be deleted at any time */
    hashes: join(home, 'cache', 'hashes.json'),
    settings: join(home, 'settings.json'),
    /** programs that scorers may start */
    allowedCommands: join(home, 'allowed-commands.json'),
    library: join(home, 'library.json'),
    log: join(home, 'engine.log'),
  }) as const

/**
 * The folder `resources/` that comes with the app: SPW_RESOURCES, else the nearest one above this file
 * (src-worker/train in development, out/main when built).
 */
export function resourcesFolder(env: NodeJS.ProcessEnv = process.env, from = __dirname): string {
  if (env.SPW_RESOURCES !== undefined && env.SPW_RESOURCES !== '') return resolve(env.SPW_RESOURCES)
  let folder = from
  while (!existsSync(join(folder, 'resources', 'README.md'))) {
    const up = dirname(folder)
    if (up === folder) return join(from, '..', '..', 'resources')
    folder = up
  }
  return join(folder, 'resources')
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Programs that scorers may start; none where the file is broken. */
export async function readAllowedCommands(home: string): Promise<readonly string[]> {
  const text = await readSmallText(homePaths(home).allowedCommands, 1e6).catch(() => '')
  return fitting(allowedCommandsSchema, text) ?? []
}

/** Settings of a home; broken or missing files give the defaults. */
export function readSettings(home: string): Settings {
  return fitting(settingsSchema, textOf(homePaths(home).settings)) ?? settingsSchema.parse({})
}

/** Where models may lie. */
export interface Places {
  readonly home: string
  readonly resources: string
}

/** Folders that hold models as <org>/<name> or <name>, in the order of looking. */
export function modelRoots({ home, resources }: Places): readonly string[] {
  return [homePaths(home).models, join(resources, 'models'), ...readSettings(home).modelFolders]
}

const isModel = (path: string): Promise<boolean> =>
  stat(join(path, 'config.json')).then(
    s => s.isFile(),
    () => false,
  )

/**
 * The folder of a model: a path, an id (org/name), or a bare name of the library.
 * Faults: `not-found`, naming the places looked at.
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
  throw new Fault(
    'not-found',
    `no model ${name}: no config.json in ${name} or under ${roots.join(', ')}`,
    'Give the path of a model folder, or download the model in the Library first.',
  )
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
