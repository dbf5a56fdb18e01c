// Which run is meant: by its id, a part of it, the name it was given, or its folder.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { asFault, Fault } from '../contract/fault'
import { homePaths } from './home'
import { readLabel, readSpec, runFiles } from './run-folder'

/** Ids of all runs, oldest first; a home without runs has none. Faults: not-found, disk (what is there cannot be read). */
export async function runIds(home: string): Promise<readonly string[]> {
  const { runs } = homePaths(home)
  const entries = await readdir(runs, { withFileTypes: true }).catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw asFault(error, runs)
  })
  return entries
    .filter(e => e.isDirectory() && !e.name.startsWith('.'))
    .map(e => e.name)
    .sort()
}

/** What a person called a run, in its label or its spec; unreadable files name none. */
const givenNames = async (folder: string): Promise<readonly string[]> => {
  const label = await readLabel(folder).catch(() => undefined)
  const spec = await readSpec(folder).catch(() => undefined)
  return [label?.name ?? '', spec?.name ?? ''].filter(name => name !== '')
}

/** Folders of the runs that a name may mean: its id, a beginning or end of it, the name it was given, or a path. */
export async function runsNamed(home: string, name: string): Promise<readonly string[]> {
  const asPath = await stat(runFiles(name).spec).catch(() => undefined)
  if (asPath !== undefined) return [name]
  const ids = await runIds(home)
  const exact = ids.find(id => id === name)
  const { runs } = homePaths(home)
  const close = ids.filter(id => id.startsWith(name) || id.endsWith(name))
  const id = exact ?? (close.length === 1 ? close[0] : undefined)
  if (id !== undefined) return [join(runs, id)]
  const named: string[] = []
  for (const other of ids)
    if ((await givenNames(join(runs, other))).includes(name)) named.push(other)
  return [...new Set([...close, ...named])].map(meant => join(runs, meant))
}

/** Of a name that several runs have. */
export function severalRuns(name: string, folders: readonly string[]): Fault {
  const some = folders.slice(0, 10).map(folder => basename(folder))
  return new Fault(
    'not-found',
    `${folders.length} runs are called ${name}: ${some.join(', ')}${folders.length > 10 ? ' …' : ''}`,
    'Take the id of one of them.',
  )
}

/** The folder of the one run that a name means. Faults: not-found. */
export async function findRun(home: string, name: string): Promise<string> {
  const meant = await runsNamed(home, name)
  const [first] = meant
  if (first === undefined)
    throw new Fault('not-found', `no run is called ${name}`, 'Take an id from `spw runs`.')
  if (meant.length > 1) throw severalRuns(name, meant)
  return first
}
