// Which paths the window may name. To read: what a person chose in a dialog, dropped, or started the app with; what lies
// in SPW_HOME or among the app's resources; what the engine's own lists hold. To write: folders of a dialog, and
// SPW_HOME/exports. Pure: no Electron.
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { Fault } from '../src-worker/contract/fault'

/** Fields of arguments that name files, folders, models or snapshots, wherever they stand. */
export const readKeys: ReadonlySet<string> = new Set([
  'path',
  'testPath',
  'model',
  'models',
  'datasets',
  'snapshot',
  'modelFolders',
  'reference',
  'data',
])
/** Fields that name what is written. */
export const writeKeys: ReadonlySet<string> = new Set(['to'])

/** Calls whose answers hold paths that the engine knows by itself: its lists, and what was just checked. */
const lists: ReadonlySet<string> = new Set([
  ...['models', 'datasets', 'snapshots', 'runs', 'run', 'presets', 'settings', 'behaviours'],
  'engineInfo', // its home and resources
  ...['addModel', 'addDataset', 'importSnapshot', 'exportSnapshot', 'writeReport', 'freezeSweep'],
])

export interface AllowedPaths {
  /** a person named these: they and what lies in them may be read, and folders written into */
  allow(paths: readonly string[]): void
  /** learns from an answer of the engine */
  accept(call: string, value: unknown): void
  /** Faults: usage, for the first path of these arguments that the window may not name. */
  check(args: unknown): void
}

type Visit = (key: string, text: string) => void

/** Every string of a value, with the field that it stands under; elements of a list stand under the list's. */
function visitTexts(value: unknown, visit: Visit, key = ''): void {
  if (typeof value === 'string') visit(key, value)
  else if (Array.isArray(value)) for (const one of value) visitTexts(one, visit, key)
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) visitTexts(inner, visit, name)
}

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text)
/** A name of the library or the hub: "demo", "org/name". */
const isName = (text: string): boolean =>
  !isAbsolute(text) &&
  !/^[A-Za-z]:/.test(text) &&
  /^[^/\\]*([/][^/\\]+)?$/.test(text) &&
  !text.split('/').some(part => part === '.' || part === '..' || part.startsWith('~'))

const inside = (folder: string, path: string): boolean => {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** @param home of this computer's engine, as `resources`; empty: that of another machine, which says them in engineInfo */
export function createAllowedPaths(home: string, resources: string): AllowedPaths {
  const chosen = new Set<string>()
  const homes = new Set(home === '' ? [] : [home])
  const known = new Set(resources === '' ? [] : [resources])
  const readable = (path: string): boolean =>
    [...homes, ...chosen, ...known].some(folder => inside(folder, path))
  const writable = (path: string): boolean =>
    [...[...homes].map(folder => resolve(folder, 'exports')), ...chosen].some(folder =>
      inside(folder, path),
    )

  function check(key: string, text: string): void {
    if (writeKeys.has(key)) {
      if (text === '' || writable(resolve(text))) return
      const fix = 'Choose the folder in the dialog.'
      throw new Fault('usage', `the window may not write to ${text}: no dialog named it`, fix)
    }
    if (!readKeys.has(key) || text === '' || isUrl(text) || isName(text)) return
    if (readable(resolve(text))) return
    const fix = 'Choose it in the dialog, or drop it on the window.'
    throw new Fault('usage', `the window may not read ${text}: it is neither chosen nor known`, fix)
  }

  return {
    allow: paths => {
      for (const path of paths) chosen.add(resolve(path))
    },
    accept: (call, value) => {
      if (!lists.has(call)) return
      visitTexts(value, (key, text) => {
        const isPath = readKeys.has(key) || key === 'paths' || key === 'modelPath'
        if (!isAbsolute(text)) return
        if (call === 'engineInfo' && key === 'home') homes.add(resolve(text))
        else if (isPath || (call === 'engineInfo' && key === 'resources')) known.add(resolve(text))
      })
    },
    check: args => visitTexts(args, check),
  }
}
