// The datasets of the library: bundled ones, and files, folders and URLs that the user pointed at.
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import type { DatasetEntry, DatasetPreview } from '../contract/library'
import { previewGames } from '../dataset/pgn-preview'
import { preview, previewRemote } from '../dataset/preview'
import { isUrl } from '../dataset/remote'
import type { Context } from './context'
import type { JsonFile } from './json-file'
import type { LibraryFile } from './library-file'

const isGames = (path: string): boolean => /\.pgn(\.zst)?$/i.test(path)

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    s => (s.isFile() ? s.size : 0),
    () => 0,
  )
}

const bundledFiles = [
  ['demo_text_sample.jsonl.zst', 'Old books (bundled)', 'text'],
  ['lichess_demo.pgn.zst', 'Lichess games (bundled)', 'chess'],
  ['demo_pairs.jsonl', 'Questions and answers (bundled)', 'custom'],
] as const

async function bundled(resources: string): Promise<readonly DatasetEntry[]> {
  const common = { bundled: true, documents: null, field: '' }
  const files = bundledFiles.map(async ([name, title, kind]) => {
    const path = join(resources, 'data', name)
    return { ...common, id: path, path, title, kind, bytes: await sizeOf(path) }
  })
  const id = 'procedural'
  const boards = { ...common, id, path: id, title: 'Random boards (made as needed)', bytes: 0 }
  return [...(await Promise.all(files)), { ...boards, kind: 'procedural' }]
}

async function entryOf({
  path,
  field,
  kind,
}: LibraryFile['datasets'][number]): Promise<DatasetEntry> {
  return {
    id: path,
    path,
    title: basename(path),
    kind,
    bundled: false,
    bytes: await sizeOf(path),
    documents: null,
    field,
  }
}

function look(path: string, field: string, count: number, home: string): Promise<DatasetPreview> {
  if (isUrl(path)) return previewRemote(path, count, field, home)
  return isGames(path) ? previewGames(path, count) : preview(path, count, field)
}

export type DatasetCalls = Pick<
  WorkbenchApi,
  'datasets' | 'addDataset' | 'removeDataset' | 'previewDataset'
>

export function datasetCalls(context: Context, library: JsonFile<LibraryFile>): DatasetCalls {
  const changed = (): void => context.emit('libraryChanged', { what: 'datasets' })
  return {
    datasets: async () => [
      ...(await bundled(context.resources)),
      ...(await Promise.all((await library.read()).datasets.map(entryOf))),
    ],
    addDataset: async ({ path, field }) => {
      const where = isUrl(path) ? path : resolve(path)
      // a look at the first records tells a wrong file now, not when the run starts
      const kind = isUrl(path)
        ? isGames(path)
          ? ('chess' as const)
          : ('text' as const)
        : (await look(where, field, 1, context.home)).kind
      const entry = { path: where, field, kind }
      await library.change(l => ({
        ...l,
        datasets: [...l.datasets.filter(d => d.path !== where), entry],
      }))
      changed()
      return entryOf(entry)
    },
    removeDataset: async ({ path }) => {
      const { datasets } = await library.read()
      if (!datasets.some(d => d.path === path))
        throw new Fault('not-found', `${path} is not in the library`, 'Choose one of its datasets.')
      await library.change(l => ({ ...l, datasets: l.datasets.filter(d => d.path !== path) }))
      changed()
      return null
    },
    previewDataset: ({ path, field, count }) => look(path, field, count, context.home),
  }
}
