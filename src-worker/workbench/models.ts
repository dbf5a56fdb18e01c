// The models of the library: bundled, downloaded, added by path. A folder that cannot be used is listed with its fault.
import { basename, join, resolve, sep } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { elements } from '../contract/dims'
import { asFault, Fault } from '../contract/fault'
import type { ModelEntry } from '../contract/library'
import type { ModelFolder } from '../contract/model'
import { tokenizerNote } from '../dataset/model-tokenizer'
import { openTriedTokenizer } from '../dataset/tried-tokenizer'
import { modelFolders, modelIdOf, modelRoots } from '../train/model-places'
import { otherKind } from '../weights/folder-kind'
import { openModelFolder } from '../weights/model-folder'
import type { Context } from './context'
import type { JsonFile } from './json-file'
import type { LibraryFile } from './library-file'

function entryOf(
  folder: ModelFolder,
  id: string,
  bundled: boolean,
  more: readonly string[],
): ModelEntry {
  const { config } = folder
  const tensors = [...folder.tensors.values()]
  return {
    id,
    path: folder.path,
    bundled,
    family: config.family,
    hiddenSize: config.hiddenSize,
    layers: config.layers,
    vocabularySize: config.vocabularySize,
    parameters: tensors.reduce((n, t) => n + elements(t.shape), 0),
    bytes: tensors.reduce((n, t) => n + t.length, 0),
    maxPositions: config.maxPositions,
    chatTemplate: folder.chatTemplate !== undefined,
    notes: [...folder.notes, ...more],
    fault: null,
  }
}

const unusable = (path: string, id: string, bundled: boolean, error: unknown): ModelEntry => ({
  id,
  path,
  bundled,
  family: '',
  hiddenSize: 0,
  layers: 0,
  vocabularySize: 0,
  parameters: 0,
  bytes: 0,
  maxPositions: 0,
  chatTemplate: false,
  notes: [],
  fault: asFault(error).toData(),
})

export type ModelCalls = Pick<WorkbenchApi, 'models' | 'addModel' | 'removeModel'>

export function modelCalls(context: Context, library: JsonFile<LibraryFile>): ModelCalls {
  const bundledRoot = join(context.resources, 'models')
  const inspect = async (path: string): Promise<ModelEntry> => {
    const roots = modelRoots(context)
    const id = modelIdOf(path, roots)
    const bundled = path.startsWith(bundledRoot + sep)
    try {
      const folder = await openModelFolder(path)
      const note = tokenizerNote(folder, await openTriedTokenizer(path, context.home))
      return entryOf(folder, id, bundled, note === undefined ? [] : [note])
    } catch (error) {
      return unusable(path, id, bundled, error)
    }
  }
  const changed = (): void => context.emit('libraryChanged', { what: 'models' })
  return {
    models: async () => {
      const found = new Set<string>()
      for (const root of modelRoots(context))
        for (const path of await modelFolders(root)) found.add(resolve(path))
      for (const path of (await library.read()).models) found.add(resolve(path))
      return Promise.all([...found].map(inspect))
    },
    addModel: async ({ path }) => {
      const folders = await modelFolders(resolve(path))
      const [first] = folders
      if (first === undefined)
        throw (
          (await otherKind(resolve(path))) ??
          new Fault(
            'not-found',
            `there is no config.json in ${path} or the folders below it`,
            'Choose the folder of a Hugging Face model.',
          )
        )
      const entries = await Promise.all(folders.map(inspect))
      const good = entries.filter(e => e.fault === null)
      const { fault } = entries[0] as ModelEntry
      if (good.length === 0 && fault !== null) throw new Fault(fault.code, fault.message, fault.fix)
      const paths = good.map(e => e.path)
      await library.change(l => ({ ...l, models: [...new Set([...l.models, ...paths])] }))
      changed()
      return good[0] as ModelEntry
    },
    removeModel: async ({ path }) => {
      const { models } = await library.read()
      if (!models.includes(resolve(path)))
        throw new Fault(
          'usage',
          `${basename(path)} lies in a models folder, not in a folder that was added`,
          'Delete its folder in the file manager to remove it.',
        )
      await library.change(l => ({ ...l, models: l.models.filter(p => p !== resolve(path)) }))
      changed()
      return null
    },
  }
}
