// spw doctor: everything that a home holds, looked through against its checksums and schemas; what can be repaired is,
// when that is asked for. Nothing that a person made is deleted: it goes to the trash.
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { z } from 'zod'
import { isGameCache, readGameCache } from '../behaviours/chess/cache'
import { answerRequestSchema } from '../contract/answer'
import type { WorkbenchApi } from '../contract/api'
import { asFault, Fault } from '../contract/fault'
import type { HomeCheck, HomeFinding } from '../contract/home-check'
import { settingsSchema } from '../contract/library'
import { allowedCommandsSchema } from '../contract/scorer'
import { isWholeFile, removeWithSum } from '../dataset/file-sum'
import { fitting } from '../shared/json'
import { runIds } from '../train/find-run'
import { homePaths } from '../train/home'
import { leftTemporaries } from '../weights/atomic'
import { openSnapshot } from '../weights/snapshot-file'
import type { Context } from './context'
import { libraryFileSchema } from './library-file'
import { isWholeCache } from './metric-cache'
import { type Found, runFindings } from './run-check'
import { changedFiles, moveToTrash, readTrashEntry, trashFiles, trashIds } from './trash'
import { walk } from './walk'

/** No file takes as long to write, no folder of a run as long to make. Milliseconds. */
const longAgo = 60_000

const remove = (path: string) => (): Promise<void> => rm(path, { recursive: true, force: true })

const isOld = async (path: string): Promise<boolean> => {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
  return Date.now() - mtimeMs > longAgo
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

/** Files that were being written, runs and caches that were being made, when their process died. */
async function* leftovers(home: string): AsyncGenerator<Found> {
  const { models, runs, datasets } = homePaths(home)
  const others = new Set([models, join(home, 'gpu'), join(home, 'desktop')])
  const what = 'left by a process that died while it wrote'
  const fix = 'It is removed.'
  const folders = [home]
  for await (const { path, kind } of walk(home, others)) if (kind === 'folder') folders.push(path)
  for (const folder of folders)
    for (const path of await leftTemporaries(folder, longAgo))
      yield { path, what, fix, repair: remove(path) }
  for (const name of await namesIn(runs)) {
    const path = join(runs, name)
    if (/^\.\d{4}-\d\d-\d\d-/.test(name) && (await isOld(path)))
      yield { path, what: 'a run that was never whole', fix, repair: remove(path) }
  }
  for (const name of await namesIn(datasets)) {
    const path = join(datasets, name)
    // a large file is read for hours, and its folder changes with every shard
    if (/^games-.*\.[0-9a-f]{8}\.tmp$/.test(name) && (await isOld(path)))
      yield { path, what, fix, repair: remove(path) }
  }
}

async function* importedSnapshots(home: string): AsyncGenerator<Found> {
  const folder = homePaths(home).snapshots
  for (const name of (await namesIn(folder)).filter(n => n.endsWith('.safetensors'))) {
    const path = join(folder, name)
    const fault = await openSnapshot(path).then(() => undefined, asFault)
    const fix = 'It goes to the trash; import it again from where it came.'
    if (fault) yield { path, what: fault.message, fix, repair: () => moveToTrash(home, path) }
  }
}

/** Caches are made again when they are missing, so a damaged one is removed. */
async function* caches(home: string): AsyncGenerator<Found> {
  const { seriesCache, datasets } = homePaths(home)
  const found = (path: string, what: string, fix: string): Found => ({
    ...{ path, what, fix },
    repair: async () => {
      await remove(path)()
      await removeWithSum(path)
    },
  })
  for (const name of (await namesIn(seriesCache)).filter(n => n.endsWith('.columns'))) {
    const path = join(seriesCache, name)
    if (!(await isWholeCache(path)))
      yield found(path, 'its columns do not have their checksums', 'It is removed and made again.')
  }
  for (const name of (await namesIn(datasets)).sort()) {
    const path = join(datasets, name)
    if (/^games-[0-9a-f]{16}$/.test(name)) {
      const fault = (await isGameCache(path))
        ? await everyGame(path)
        : new Fault('bad-file', `${path} is not whole`, '')
      if (fault) yield found(path, fault.message, 'It is removed and made again from the games.')
    } else if (!(await isWholeFile(path)))
      yield found(path, 'it does not have its checksum', 'It is removed and fetched again.')
  }
}

const everyGame = async (path: string): Promise<Fault | undefined> => {
  try {
    const cache = await readGameCache(path)
    for await (const _ of cache.games());
    return undefined
  } catch (error) {
    return asFault(error)
  }
}

async function* trash(home: string): AsyncGenerator<Found> {
  for (const id of await trashIds(home)) {
    const { folder, content } = trashFiles(home, id)
    const entry = await readTrashEntry(home, id)
    const isThere = (await stat(content).catch(() => undefined)) !== undefined
    // an older version kept no checksums
    if (entry === undefined) continue
    if (!isThere) {
      const what = 'a deletion that never came to pass'
      if (await isOld(folder))
        yield { path: folder, what, fix: 'It is removed.', repair: remove(folder) }
      continue
    }
    const changed = await changedFiles(home, id, entry)
    const what = `${changed.length} files changed since ${basename(entry.from)} was deleted`
    const fix = 'Copy what is of use out of it by hand.'
    if (changed.length > 0) yield { path: content, what, fix }
  }
}

/** Files that read as their defaults when they are broken: that must not pass without a word. */
async function* ownFiles(home: string): AsyncGenerator<Found> {
  const { settings, library, allowedCommands, answers } = homePaths(home)
  const asked = (await namesIn(answers)).filter(name => name.endsWith('.json'))
  const files: readonly (readonly [string, z.ZodType])[] = [
    [settings, settingsSchema],
    [library, libraryFileSchema],
    [allowedCommands, allowedCommandsSchema],
    ...asked.map(name => [join(answers, name), answerRequestSchema] as const),
  ]
  for (const [path, schema] of files) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined || fitting(schema, text) !== undefined) continue
    const fix = 'It goes to the trash; what it held must be said again.'
    const what = 'it is not what the workbench writes'
    yield { path, what, fix, repair: () => moveToTrash(home, path) }
  }
}

/** Every part of a home: what it is called, and what is wrong there. */
async function* parts(home: string): AsyncGenerator<readonly [string, AsyncGenerator<Found>]> {
  yield ['left-over files', leftovers(home)]
  yield ['settings and library', ownFiles(home)]
  for (const id of await runIds(home)) yield ['runs', runFindings(home, id)]
  yield ['imported snapshots', importedSnapshots(home)]
  yield ['caches', caches(home)]
  yield ['trash', trash(home)]
}

async function handled(home: string, found: Found, fix: boolean): Promise<HomeFinding> {
  const { path, what, repair } = found
  const shown = { path: relative(home, path) || '.', what, fix: found.fix }
  if (repair === undefined) return { ...shown, state: 'manual' }
  if (!fix) return { ...shown, state: 'fixable' }
  try {
    await repair()
    return { ...shown, state: 'fixed' }
  } catch (error) {
    return { ...shown, fix: asFault(error).message, state: 'manual' }
  }
}

export function homeCheckCalls(context: Context): Pick<WorkbenchApi, 'checkHome'> {
  const { home } = context
  const check = async (request: string, fix: boolean, signal: AbortSignal): Promise<HomeCheck> => {
    const findings: HomeFinding[] = []
    const checked: Record<string, number> = {}
    for await (const [part, found] of parts(home)) {
      checked[part] = (checked[part] ?? 0) + 1
      context.emit('progress', { request, doing: `${part} ${checked[part]}`, fraction: null })
      for await (const one of found) {
        signal.throwIfAborted()
        findings.push(await handled(home, one, fix))
      }
      signal.throwIfAborted()
    }
    return { findings, checked }
  }
  return {
    checkHome: ({ request, fix }) =>
      context.cancellable(request, signal => check(request, fix, signal)),
  }
}
