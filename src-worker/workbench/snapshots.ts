// Calls about snapshots: list, look inside, import, export, trash.
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import type { SnapshotDetail, SnapshotEntry } from '../contract/library'
import type { Parameters, Snapshot } from '../contract/snapshot'
import { openTriedTokenizer } from '../dataset/tried-tokenizer'
import { toStateDict } from '../prompt/state-dict'
import { bakedRows } from '../sample/bake'
import { nearestTokens } from '../sample/nearest'
import { homePaths } from '../train/home'
import { embeddingsOf } from '../weights/embeddings'
import { openModelFolder } from '../weights/model-folder'
import { exportPeft } from '../weights/peft'
import { openSnapshot, writeSnapshot } from '../weights/snapshot-file'
import type { Context } from './context'
import type { ModelCalls } from './models'
import type { RunIndex } from './run-index'
import { openSnapshotList } from './snapshot-list'

export type SnapshotCalls = Pick<
  WorkbenchApi,
  | 'snapshots'
  | 'snapshot'
  | 'importSnapshot'
  | 'exportSnapshot'
  | 'trashSnapshot'
  | 'restoreSnapshot'
>

function tensorsOf({ metadata, parameters }: Snapshot): SnapshotDetail['tensors'] {
  const state: Parameters = toStateDict(metadata.shape, parameters)
  return [...state].map(([name, { shape, data }]) => {
    let [squares, largest] = [0, 0]
    for (const x of data) {
      squares += x * x
      largest = Math.max(largest, Math.abs(x))
    }
    return { name, shape: [...shape], norm: Math.sqrt(squares), largest }
  })
}

/** A PEFT adapter is a folder: a name that promises some other file is a mistake. */
function checkOutput(to: string): void {
  if (to !== '' && !/\.(pt|pth|bin|ckpt|zip|npz|json|gguf)$/i.test(to)) return
  throw new Fault(
    'usage',
    `${to === '' ? 'an empty name' : to} cannot be written: snapshots become .safetensors files or PEFT folders`,
    'End the name in .safetensors, or name a folder.',
  )
}

export function snapshotCalls(
  context: Context,
  index: RunIndex,
  models: ModelCalls,
): SnapshotCalls {
  const paths = homePaths(context.home)
  const listAll = openSnapshotList(context)
  const list = async (): Promise<SnapshotEntry[]> =>
    listAll(await index.known(), await models.models({}))
  const changed = (): void => context.emit('libraryChanged', { what: 'snapshots' })

  const find = async (path: string): Promise<SnapshotEntry> => {
    const entry = (await list()).find(e => e.path === resolve(path))
    if (entry !== undefined) return entry
    throw new Fault('not-found', `${path} is not in the library`, 'Import it first.')
  }

  const nearest = async (entry: SnapshotEntry, snapshot: Snapshot) => {
    const rows = snapshot.parameters.get('embedding')
    if (rows === undefined || entry.modelPath === null || entry.misfit !== '') return []
    const folder = await openModelFolder(entry.modelPath)
    const tokenizer = await openTriedTokenizer(entry.modelPath, context.home)
    return nearestTokens(rows.data, embeddingsOf(folder), tokenizer, 5)
  }

  const freePath = async (name: string): Promise<string> => {
    for (let n = 1; ; n++) {
      const path = join(paths.snapshots, `${name}${n === 1 ? '' : ` ${n}`}.safetensors`)
      if ((await stat(path).catch(() => undefined)) === undefined) return path
    }
  }

  /** Only what lies under SPW_HOME may be moved about. */
  const checkOurs = (path: string): void => {
    if (resolve(path).startsWith(resolve(context.home) + sep)) return
    throw new Fault(
      'usage',
      `${path} does not lie in ${context.home}`,
      'Delete it in the file manager.',
    )
  }
  const trashed = (path: string): string =>
    join(paths.trash, 'snapshots', Buffer.from(resolve(path)).toString('base64url').slice(-80))

  return {
    snapshots: list,
    snapshot: async ({ path }) => {
      const entry = await find(path)
      const snapshot = await openSnapshot(path)
      return { entry, tensors: tensorsOf(snapshot), nearest: await nearest(entry, snapshot) }
    },
    importSnapshot: async ({ path }) => {
      const snapshot = await openSnapshot(path)
      // the original's baselines have none; the library holds prompts
      if (snapshot.metadata.shape.tokens === 0)
        throw new Fault(
          'bad-data',
          `${basename(path)} is a soft prompt of 0 tokens: nothing stands before the text`,
          'Choose the model without a soft prompt in its place.',
        )
      await mkdir(paths.snapshots, { recursive: true })
      const to = await freePath(basename(path, extname(path)))
      const date = snapshot.metadata.createdAt ?? (await stat(path)).mtime.toISOString()
      await writeSnapshot(to, { ...snapshot, metadata: { ...snapshot.metadata, createdAt: date } })
      changed()
      return find(to)
    },
    exportSnapshot: async ({ path, to, format, conditions }) => {
      checkOutput(to)
      const snapshot = await openSnapshot(path)
      if (format === 'peft') await exportPeft(to, snapshot, await bakedRows(snapshot, conditions))
      else await writeSnapshot(to, snapshot)
      return { path: to, metadata: snapshot.metadata }
    },
    trashSnapshot: async ({ path }) => {
      checkOurs(path)
      const to = trashed(path)
      await mkdir(dirname(to), { recursive: true })
      await rm(to, { force: true })
      await rename(resolve(path), to)
      changed()
      return null
    },
    restoreSnapshot: async ({ path }) => {
      checkOurs(path)
      await rename(trashed(path), resolve(path))
      changed()
      return null
    },
  }
}
