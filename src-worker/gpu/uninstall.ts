// spw gpu uninstall: removes what `install` brought, and nothing else that may lie there.
import { lstat, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../contract/fault'
import { gpuPaths, versionPaths } from '../session/cuda-install'
import { withInstallLock } from './lock'
import { parseVersion } from './version'

export interface Uninstalled {
  readonly removed: readonly string[]
  /** things in SPW_HOME/gpu that are not ours and were left */
  readonly left: readonly string[]
  readonly freedBytes: number
}

const removing = '.removing-'

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true })
  const sizes = entries.map(async entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? bytesIn(path) : (await lstat(path)).size
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** A folder of a version that we made, finished or not, or what an interrupted removal left. */
async function isOurs(home: string, name: string): Promise<boolean> {
  if (name === 'downloads' || name.startsWith(removing)) return true
  if (parseVersion(name) === undefined) return false
  const known = new Set(['installed.json', 'ort', 'lib', 'licences'])
  const inside = await readdir(versionPaths(home, name).folder)
  return inside.every(entry => known.has(entry) || entry.endsWith('.tmp'))
}

async function removeAll(home: string): Promise<Uninstalled> {
  const { root, lock } = gpuPaths(home)
  const removed: string[] = []
  const left: string[] = []
  let freedBytes = 0
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const path = join(root, entry.name)
    if (path === lock) continue
    // a symbolic link is no directory here: nothing outside is ever touched
    if (!entry.isDirectory() || !(await isOurs(home, entry.name))) {
      left.push(path)
      continue
    }
    freedBytes += await bytesIn(path)
    // away from its name at once: an engine that starts now finds all of it or nothing
    const aside = entry.name.startsWith(removing) ? path : join(root, `${removing}${entry.name}`)
    if (aside !== path) await rename(path, aside)
    await rm(aside, { recursive: true, force: true })
    removed.push(path)
  }
  return { removed, left, freedBytes }
}

/** Engines that have the libraries open keep them until they end. Faults: busy, disk. */
export async function uninstallCuda(home: string): Promise<Uninstalled> {
  const { root } = gpuPaths(home)
  const there = await lstat(root).catch(() => undefined)
  if (there === undefined) return { removed: [], left: [], freedBytes: 0 }
  if (!there.isDirectory())
    throw new Fault('usage', `${root} is not a folder that spw made`, `Remove ${root} yourself.`)
  const result = await withInstallLock(home, () => removeAll(home))
  if (result.left.length === 0) await rmdir(root).catch(() => undefined)
  return result
}
