// Where things lie: the built files, the resources, and everything the workbench keeps.
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { app } from 'electron'
import { homeFolder } from '../src-worker/contract/home'
import { devAddress } from './addresses'

export interface Paths {
  /** SPW_HOME */
  readonly home: string
  /** Electron's own profile and the window's state: inside home, so one home is one instance */
  readonly desktop: string
  readonly resources: string
  readonly preload: string
  readonly renderer: string
}

export function appPaths(): Paths {
  const { env, platform } = process
  const home = resolve(homeFolder({ env, platform, userHome: homedir() }))
  return {
    home,
    desktop: join(home, 'desktop'),
    resources: app.isPackaged
      ? join(process.resourcesPath, 'resources')
      : resolve(__dirname, '../../resources'),
    preload: resolve(__dirname, '../preload/preload.js'),
    renderer: resolve(__dirname, '../renderer'),
  }
}

/**
 * Where a built file of the engine lies. In a packed app not in the archive: a plain Node loads it, and native code.
 * .ci/packaging/layout.mjs puts it there.
 */
export const engineFile = (built: string): string =>
  app.isPackaged ? join(process.resourcesPath, 'engine/out/main', basename(built)) : built

export const devServer = (): string | undefined => devAddress(app.isPackaged, process.env)
