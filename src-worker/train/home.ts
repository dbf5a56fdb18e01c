// Where things lie. Everything a user keeps is under one folder, SPW_HOME.
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** The platform's data folder for this program, or what SPW_HOME says. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SPW_HOME !== undefined && env.SPW_HOME !== '') return resolve(env.SPW_HOME)
  const name = 'soft-prompt-workbench'
  if (process.platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), name)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name)
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), name)
}

export const homePaths = (home: string) =>
  ({
    models: join(home, 'models'),
    datasets: join(home, 'datasets'),
    runs: join(home, 'runs'),
    snapshots: join(home, 'snapshots'),
    presets: join(home, 'presets'),
    frozen: join(home, 'frozen'),
    trash: join(home, 'trash'),
    settings: join(home, 'settings.json'),
    library: join(home, 'library.json'),
    log: join(home, 'engine.log'),
  }) as const

/**
 * The folder `resources/` that comes with the app: SPW_RESOURCES, else the nearest one above this file
 * (src-worker/train in development, out/main when built, resources/ of a packaged app).
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
