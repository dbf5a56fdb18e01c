// The datasets of the library: bundled ones, and files, folders and URLs that the user pointed at.
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { dataKindOf, dataKinds, fileKind, lookAt, readerOf } from '../behaviours/data-kinds'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import type { DatasetEntry } from '../contract/library'
import { dataFiles } from '../dataset/files'
import { isUrl } from '../dataset/remote'
import type { Context } from './context'
import { countName, type DatasetCounts, type Uncounted } from './dataset-counts'
import type { JsonFile } from './json-file'
import type { LibraryFile } from './library-file'

/** Bytes of a file or of all data files of a folder, and a mark that changes when they do. */
async function sizeOf(path: string): Promise<{ readonly bytes: number; readonly stamp: string }> {
  if (isUrl(path)) return { bytes: 0, stamp: '' }
  const files = await dataFiles(path).catch(() => [])
  const stats = await Promise.all(files.map(file => stat(file).catch(() => undefined)))
  const bytes = stats.reduce((sum, s) => sum + (s?.size ?? 0), 0)
  const newest = stats.reduce((at, s) => Math.max(at, s?.mtimeMs ?? 0), 0)
  return { bytes, stamp: `${files.length} ${bytes} ${newest}` }
}

type Named = Pick<DatasetEntry, 'path' | 'title' | 'kind' | 'bundled' | 'field'>

/** Whatever the library lists, bundled data first, in a form to be completed by `entryOf`. */
async function listed(
  resources: string,
  library: JsonFile<LibraryFile>,
): Promise<readonly Named[]> {
  const bundled = dataKinds().flatMap(({ kind, made, bundled: files }) =>
    files.map(({ path, title }) => ({
      ...{ kind, title, bundled: true, field: '' },
      path: made ? path : join(resources, path),
    })),
  )
  return [...bundled, ...(await library.read()).datasets.map(own)]
}

const own = (entry: LibraryFile['datasets'][number]): Named => ({
  ...entry,
  title: basename(entry.path),
  bundled: false,
})

async function sized(named: Named): Promise<{ readonly entry: Uncounted; readonly stamp: string }> {
  const { bytes, stamp } = await sizeOf(named.path)
  const { name: kindName, noun, made } = dataKindOf(named.kind)
  const behaviour = readerOf(named.kind).kind
  return { entry: { ...named, id: named.path, kindName, noun, made, behaviour, bytes }, stamp }
}

const notThere = (path: string): Fault =>
  new Fault('not-found', `${path} is not in the library`, 'Choose one of its datasets.')

export type DatasetCalls = Pick<
  WorkbenchApi,
  'datasets' | 'addDataset' | 'removeDataset' | 'countDataset' | 'previewDataset'
>

export function datasetCalls(
  context: Context,
  library: JsonFile<LibraryFile>,
  counts: DatasetCounts,
): DatasetCalls {
  const changed = (): void => context.emit('libraryChanged', { what: 'datasets' })
  const entryOf = async (named: Named): Promise<DatasetEntry> => {
    const { entry, stamp } = await sized(named)
    return { ...entry, documents: counts.of(entry, stamp) }
  }
  return {
    datasets: async () => Promise.all((await listed(context.resources, library)).map(entryOf)),
    addDataset: async ({ path, field }) => {
      const where = isUrl(path) ? path : resolve(path)
      // a look at the first records finds a wrong file now, not when the run starts
      const { kind } = isUrl(path) ? fileKind(path) : await lookAt(where, field, 1, context.home)
      const entry = { path: where, field, kind }
      await library.change(l => ({
        ...l,
        datasets: [...l.datasets.filter(d => d.path !== where), entry],
      }))
      changed()
      return entryOf(own(entry))
    },
    removeDataset: async ({ path }) => {
      const { datasets } = await library.read()
      if (!datasets.some(d => d.path === path)) throw notThere(path)
      await library.change(l => ({ ...l, datasets: l.datasets.filter(d => d.path !== path) }))
      context.cancel(countName(path))
      changed()
      return null
    },
    countDataset: async ({ path }) => {
      const named = (await listed(context.resources, library)).find(d => d.path === path)
      if (named === undefined) throw notThere(path)
      const { entry, stamp } = await sized(named)
      counts.count(entry, stamp)
      changed()
      return null
    },
    previewDataset: ({ path, field, count }) => lookAt(path, field, count, context.home),
  }
}
