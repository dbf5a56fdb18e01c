// The datasets of the library: bundled ones, and files, folders and URLs that the user pointed at.
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import type { DatasetEntry, DatasetPreview } from '../contract/library'
import { previewGames } from '../dataset/pgn-preview'
import { preview } from '../dataset/preview'
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

async function bundled(resources: string): Promise<readonly DatasetEntry[]> {
  const text = join(resources, 'data', 'demo_text_sample.jsonl.zst')
  const games = join(resources, 'data', 'lichess_demo.pgn.zst')
  const common = { bundled: true, documents: null, field: '' }
  return [
    {
      ...common,
      id: text,
      path: text,
      title: 'Old books (bundled)',
      kind: 'text',
      bytes: await sizeOf(text),
    },
    {
      ...common,
      id: games,
      path: games,
      title: 'Lichess games (bundled)',
      kind: 'chess',
      bytes: await sizeOf(games),
    },
    {
      ...common,
      id: 'procedural',
      path: 'procedural',
      title: 'Random boards (made as needed)',
      kind: 'procedural',
      bytes: 0,
    },
  ]
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

const look = (path: string, field: string, count: number): Promise<DatasetPreview> =>
  isGames(path) ? previewGames(path, count) : preview(path, count, field)

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
        : (await look(where, field, 1)).kind
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
    previewDataset: ({ path, field, count }) => look(path, field, count),
  }
}
