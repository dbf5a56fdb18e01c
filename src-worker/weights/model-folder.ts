// A Hugging Face model folder, opened: config.json understood, every needed tensor found with its bytes and shape.
// Nothing is read but JSON and headers: the weights stay where they are.
import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { Fault } from '../contract/fault'
import type { ModelFolder, TensorEntry } from '../contract/model'
import { parseConfig } from '../model/config/parse'
import { isPlain } from '../shared/plain-object'
import { withoutConfig, withoutSafetensors } from './folder-kind'
import { readObject, readText } from './json'
import { type Headers, readSafetensorsHeader } from './safetensors'
import { neededTensors, unplacedNote, withFullNames, withHead } from './tensor-names'

async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (cause) {
    throw new Fault('not-found', `no model folder at ${path}`, 'Check the path.', { cause })
  }
}

/** The weight files of a folder: those of the index, else the only one there is. */
async function weightFiles(path: string, names: readonly string[]): Promise<readonly string[]> {
  if (names.includes('model.safetensors')) return ['model.safetensors']
  const index = names.find(name => name.endsWith('.safetensors.index.json'))
  if (index !== undefined) {
    const map = (await readObject(join(path, index)))?.weight_map
    const files = isPlain(map) ? Object.values(map) : []
    const isName = (file: unknown): file is string =>
      typeof file === 'string' && file === basename(file)
    if (files.length === 0 || !files.every(isName))
      throw new Fault(
        'bad-file',
        `${join(path, index)} has no proper weight_map`,
        'Download it again.',
      )
    return [...new Set(files)]
  }
  const found = names.filter(name => name.endsWith('.safetensors') && !name.startsWith('adapter_'))
  if (found.length === 1) return found
  if (found.length > 1)
    throw new Fault(
      'bad-weights',
      `${path} has ${found.length} safetensors files and no index`,
      'Add model.safetensors.index.json.',
    )
  throw withoutSafetensors(path, names)
}

/** Where a file really lies. Fault: missing. */
async function realFile(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    const message = `the weight file ${path} is missing`
    throw new Fault('not-found', message, 'Download the model folder again.', { cause })
  }
}

async function readHeaders(path: string, files: readonly string[]): Promise<Headers> {
  const tensors = new Map<string, TensorEntry>()
  const unsupported = new Map<string, string>()
  for (const file of files) {
    const header = await readSafetensorsHeader(await realFile(join(path, file)))
    for (const [name, entry] of header.tensors) tensors.set(name, entry)
    for (const [name, dtype] of header.unsupported) unsupported.set(name, dtype)
  }
  return { tensors, unsupported }
}

/** tokenizer_config.json keeps one template, or several of which one is named default. */
async function chatTemplate(path: string): Promise<string | undefined> {
  const file = await readText(join(path, 'chat_template.jinja'))
  if (file !== undefined) return file
  const template = (await readObject(join(path, 'tokenizer_config.json')))?.chat_template
  if (typeof template === 'string') return template
  if (!Array.isArray(template)) return undefined
  const named = template.filter(isPlain)
  const chosen = named.find(each => each.name === 'default') ?? named[0]
  return typeof chosen?.template === 'string' ? chosen.template : undefined
}

/** org/name from a Hugging Face cache or a folder models/org/name, else the folder's name. */
function modelId(path: string): string {
  const parts = resolve(path).split(sep)
  const cached = /^models--(.+?)--(.+)$/.exec(parts.at(-3) ?? '')
  if (parts.at(-2) === 'snapshots' && cached !== null) return `${cached[1]}/${cached[2]}`
  const [models, org, name] = parts.slice(-3)
  return models === 'models' && org && name ? `${org}/${name}` : basename(resolve(path))
}

/**
 * Opens a model folder as Hugging Face writes it (transformers 4 or 5; one or many safetensors; symbolic links).
 * @param configName another spelling of config.json that lies beside it, for checks
 * Faults: not-found, bad-file, bad-model (cannot be run), bad-weights (missing, mis-shaped, not safetensors).
 */
export async function openModelFolder(
  path: string,
  configName = 'config.json',
): Promise<ModelFolder> {
  const names = await listFolder(path)
  const file = join(path, configName)
  const source = await readObject(file)
  if (source === undefined) throw await withoutConfig(path, names)
  const generation = (await readObject(join(path, 'generation_config.json'))) ?? {}
  const parsed = parseConfig(source, generation, file)
  const headers = await readHeaders(path, await weightFiles(path, names))
  const named = withFullNames(headers, parsed.config)
  const { config, notes } = withHead(parsed.config, named)
  const tensors = neededTensors(path, config, named)
  return {
    path: resolve(path),
    id: modelId(path),
    config,
    tensors,
    chatTemplate: await chatTemplate(path),
    notes: [...parsed.notes, ...notes, ...unplacedNote(tensors, named)],
  }
}

/** Every weight file, where it really lies, in order of name. */
export const weightPaths = (folder: ModelFolder): readonly string[] =>
  [...new Set([...folder.tensors.values()].map(entry => entry.file))].sort()

/**
 * The deepest folder above all weight files: onnxruntime takes external weights only from below one folder and
 * follows no symbolic link (a Hugging Face cache keeps the real files in blobs/).
 */
export function weightsFolder(folder: ModelFolder): string {
  const [first = folder.path, ...rest] = weightPaths(folder).map(dirname)
  const isInside = (path: string, parent: string): boolean =>
    path === parent || path.startsWith(parent.endsWith(sep) ? parent : parent + sep)
  let common = first
  while (!rest.every(path => isInside(path, common)) && dirname(common) !== common)
    common = dirname(common)
  return common
}

/** A weight file as onnxruntime names it: below `weightsFolder`, with forward slashes. */
export const weightLocation = (weights: string, entry: TensorEntry): string =>
  relative(weights, entry.file).split(sep).join('/')

/** The token embedding [V, H]. */
export function embeddingEntry(folder: ModelFolder): TensorEntry {
  const name = folder.config.embedding
  const entry = folder.tensors.get(name)
  if (entry === undefined)
    throw new Fault(
      'bad-weights',
      `${folder.path}: tensor ${name} is missing`,
      'Download the model folder again.',
    )
  return entry
}
