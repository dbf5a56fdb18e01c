// Where things lie. Everything a user keeps is under one folder, SPW_HOME.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { homeFolder as homeOf } from '../contract/home'
import { type Settings, settingsSchema } from '../contract/library'
import { allowedCommandsSchema } from '../contract/scorer'
import { fitting } from '../shared/json'
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

/** What a person keeps, and what comes with the app. */
export interface Places {
  readonly home: string
  readonly resources: string
}
