// Calls about snapshots: list, look inside, import, export, trash.
import { mkdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import type { SnapshotDetail, SnapshotEntry } from '../contract/library'
import type { Parameters, Snapshot } from '../contract/snapshot'
import { openTriedTokenizer } from '../dataset/tried-tokenizer'
import { toStateDict } from '../prompt/state-dict'
import { bakedRows, withOwnRows } from '../sample/bake'
import { nearestTokens } from '../sample/nearest'
import { homePaths } from '../train/home'
import { folderAround } from '../train/run-folder'
import { embeddingsOf } from '../weights/embeddings'
import { openModelFolder } from '../weights/model-folder'
import { exportOriginal } from '../weights/original-snapshot'
import { exportPeft } from '../weights/peft'
import { writeSafetensors } from '../weights/safetensors-writer'
import { openSnapshot, writeSnapshot } from '../weights/snapshot-file'
import { writeTorchTensor } from '../weights/torch-writer'
import type { Context } from './context'
import type { ModelCalls } from './models'
import type { RunIndex } from './run-index'
import { openSnapshotList } from './snapshot-list'
import { moveToTrash, restoreFromTrash } from './trash'

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
function checkOutput(to: string, format: string): void {
  if (to !== '' && format === 'original' && /\.pt$/i.test(to)) return
  if (to !== '' && format !== 'original' && !/\.(pt|pth|bin|ckpt|zip|npz|json|gguf)$/i.test(to))
    return
  throw new Fault(
    'usage',
    `${to === '' ? 'an empty name' : to} cannot be written: snapshots become .safetensors files, .pt files or PEFT folders`,
    'End the name in .safetensors or .pt, or name a folder.',
  )
}

function checkEmbedsOutput(to: string): void {
  if (/\.(pt|safetensors)$/.test(to)) return
  throw new Fault(
    'usage',
    `${to === '' ? 'an empty name' : to} cannot be written: prompt embeddings become a .pt or .safetensors file`,
    'End the name in .pt or .safetensors.',
  )
}

/** The rows of a soft prompt [P, H], at these conditions. Faults: usage, shape. */
async function exportEmbeds(
  to: string,
  snapshot: Snapshot,
  conditions: readonly number[],
): Promise<void> {
  const { tokens, width } = snapshot.metadata.shape
  if (tokens === 0)
    throw new Fault(
      'usage',
      'a soft prompt of 0 tokens has no embeddings',
      'Choose a snapshot with tokens.',
    )
  const rows = await bakedRows(snapshot, conditions)
  const tensor = { shape: [tokens, width], data: rows }
  if (to.endsWith('.pt')) await writeTorchTensor(to, tensor)
  else await writeSafetensors(to, new Map([['prompt_embeds', tensor]]), { format: 'pt' })
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
    if (entry.modelPath === null || entry.misfit !== '') return []
    const rows = (await withOwnRows(snapshot)).parameters.get('embedding')
    if (rows === undefined) return []
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

  /** Only single soft prompts under SPW_HOME may be moved about: imported ones, and those of runs. */
  const checkOurs = (path: string): void => {
    const at = resolve(path)
    const fix = 'Delete it in the file manager.'
    if (!at.startsWith(resolve(context.home) + sep))
      throw new Fault('usage', `${path} does not lie in ${context.home}`, fix)
    const run = folderAround(at)
    const isImported = dirname(at) === resolve(paths.snapshots)
    const isOfRun = at !== run && dirname(run) === resolve(paths.runs)
    if (extname(at) !== '.safetensors' || !(isImported || isOfRun))
      throw new Fault('usage', `${path} is no soft prompt of the library`, fix)
  }

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
      if (format === 'prompt-embeds') checkEmbedsOutput(to)
      else checkOutput(to, format)
      const snapshot = await openSnapshot(path)
      if (format === 'prompt-embeds') await exportEmbeds(to, snapshot, conditions)
      else if (format === 'original') await exportOriginal(to, await withOwnRows(snapshot))
      else if (format === 'peft')
        await exportPeft(to, snapshot, await bakedRows(snapshot, conditions))
      else await writeSnapshot(to, snapshot)
      return { path: to, metadata: snapshot.metadata }
    },
    trashSnapshot: async ({ path }) => {
      checkOurs(path)
      await moveToTrash(context.home, path)
      changed()
      return null
    },
    restoreSnapshot: async ({ path }) => {
      checkOurs(path)
      await restoreFromTrash(context.home, path)
      changed()
      return null
    },
  }
}
