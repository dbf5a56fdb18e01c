// A model whose blocks' matrices are kept in 8 or 4 bits: made by us when it is first opened, kept in SPW_HOME/quantised.
// One file holds all of it, matrices in blocks and every other tensor as it was, so that programs read nothing else. Beside
// it stands a note with its checksum and those of the files that it was made from; the name depends on these.
// Embedding, head, norms and biases keep their numbers, as in GPTQ, AWQ and bitsandbytes.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { elements } from '../contract/dims'
import { Fault, fail } from '../contract/fault'
import {
  type BlockEntry,
  blockOf,
  type ModelFolder,
  type Quantised,
  type TensorEntry,
} from '../contract/model'
import { blockMatrices } from '../model/family'
import { writeAtomically } from './atomic'
import { sha256OfFile } from './file-hash'
import { hashModelFiles } from './hash'
import { readObject } from './json'
import { quantise, scalesShape } from './quantise'
import { rawParts, readRowRange, readSafetensorsHeader } from './safetensors'
import { encodeHeader } from './safetensors-writer'

type Weights = Quantised['weights']

/** A change of how files are made gives them other names. */
const version = 1
/** Numbers that are quantised at a time, about. */
export const numbersAtOnce = 1 << 22

export interface QuantiseOptions {
  /** SPW_HOME/quantised */
  readonly folder: string
  /** where hashes of weight files are kept between runs */
  readonly hashes: string
  readonly onProgress?: (doing: string) => void
  readonly signal?: AbortSignal
}

/** The same model with its blocks' matrices in few bits. Faults: disk, bad-weights. */
export async function quantisedFolder(
  model: ModelFolder,
  weights: Weights,
  { folder, hashes, onProgress = () => {}, signal }: QuantiseOptions,
): Promise<ModelFolder> {
  const madeFrom = await hashModelFiles(model, hashes)
  const file = join(folder, `${nameOf(model, weights, madeFrom)}.safetensors`)
  const note = `${file}.json`
  const notes: string[] = []
  const known = (await readObject(note).catch(() => undefined))?.sha256
  const found =
    known && (await stat(file).catch(() => undefined)) && (await sha256OfFile(file, signal))
  if (known === undefined || found !== known) {
    if (found) notes.push(`${file} was not as it was written: it was made again`)
    const sha256 = await make(model, weights, file, { onProgress, signal })
    await writeAtomically(note, `${JSON.stringify({ sha256, weights, madeFrom }, null, 2)}\n`)
  }
  return opened(model, { weights, madeFrom, file, notes })
}

/** "pythia-70m-int8-64-0123456789ab" */
function nameOf(model: ModelFolder, weights: Weights, madeFrom: Quantised['madeFrom']): string {
  const block = blockOf[weights]
  const key = JSON.stringify([version, weights, block, Object.entries(madeFrom).sort()])
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12)
  const name = basename(model.id).replace(/[^\w.-]+/g, '-')
  return `${name}-${weights}-${block}-${hash}`
}

type MatrixForm = Pick<BlockEntry, 'axis' | 'block' | 'bits' | 'shape'>

/** Numbers of 4 bits need an even width: rows begin at whole bytes. */
function formOf({ shape }: TensorEntry, axis: 0 | 1, weights: Weights): MatrixForm {
  const [rows = 0, width = 0] = shape
  const bits = weights === 'int4' && width % 2 === 0 ? 4 : 8
  return { axis, block: blockOf[weights], bits, shape: [rows, width] }
}

const scalesName = (name: string): string => `${name}.scales`

/** Writes the file; its sha256. */
async function make(
  model: ModelFolder,
  weights: Weights,
  file: string,
  { onProgress, signal }: { onProgress: (doing: string) => void; signal: AbortSignal | undefined },
): Promise<string> {
  const matrices = blockMatrices(model.config)
  const { head } = model.config
  const hash = createHash('sha256')
  const entries = [...model.tensors.values()]
  const total = entries.reduce((n, { length }) => n + length, 0)
  async function* content(): AsyncGenerator<Uint8Array> {
    yield encodeHeader(headerOf(model, weights), { weights })
    let done = 0
    for (const entry of entries) {
      onProgress(`making ${weights} weights: ${Math.floor((100 * done) / total)} %`)
      const axis = matrices.get(entry.name)
      if (axis !== undefined) yield* inBlocks(entry, formOf(entry, axis, weights))
      else yield* entry.name === head ? widened(entry) : rawParts(entry)
      signal?.throwIfAborted()
      done += entry.length
    }
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content()) {
      hash.update(chunk)
      yield chunk
    }
  }
  await writeAtomically(file, hashed())
  return hash.digest('hex')
}

/** Some rows after the others, as many at a time as `unit` divides. */
async function* rowsOf(entry: TensorEntry, unit = 1): AsyncGenerator<Float32Array<ArrayBuffer>> {
  const [rows = 0, width = 1] = entry.shape
  const atOnce = unit * Math.ceil(numbersAtOnce / (unit * width))
  for (let from = 0; from < rows; from += atOnce)
    yield await readRowRange(entry, from, Math.min(rows, from + atOnce))
}

/** The head as products read it: else every session would keep a copy of its own. */
async function* widened(entry: TensorEntry): AsyncGenerator<Uint8Array> {
  for await (const values of rowsOf(entry)) yield new Uint8Array(values.buffer)
}

/** The integers of a matrix, then its scales. */
async function* inBlocks(entry: TensorEntry, form: MatrixForm): AsyncGenerator<Uint8Array> {
  const width = form.shape[1]
  const scales: Float32Array[] = []
  for await (const values of rowsOf(entry, form.block)) {
    const made = quantise(values, { ...form, width })
    if (!made.scales.every(Number.isFinite))
      throw new Fault(
        'bad-weights',
        `${entry.name} in ${entry.file} holds numbers that are not finite`,
        'Choose weights full, or download the model folder again.',
      )
    scales.push(made.scales)
    yield made.integers
  }
  for (const { buffer, byteOffset, byteLength } of scales)
    yield new Uint8Array(buffer, byteOffset, byteLength)
}

type Entry = Pick<TensorEntry, 'name' | 'dtype' | 'shape' | 'length'>

function headerOf({ config, tensors }: ModelFolder, weights: Weights): readonly Entry[] {
  const matrices = blockMatrices(config)
  return [...tensors.values()].flatMap((entry): readonly Entry[] => {
    const { name } = entry
    const axis = matrices.get(name)
    if (axis === undefined)
      return name === config.head
        ? [{ name, dtype: 'F32', shape: entry.shape, length: 4 * elements(entry.shape) }]
        : [entry]
    const { shape, bits, ...form } = formOf(entry, axis, weights)
    const dtype = bits === 8 ? 'I8' : 'U8'
    const stored = bits === 8 ? shape : [shape[0], shape[1] / 2]
    const scales = scalesShape(shape, form)
    return [
      { name, dtype, shape: stored, length: elements(stored) },
      { name: scalesName(name), dtype: 'F32', shape: scales, length: 4 * elements(scales) },
    ]
  })
}

/** The model, reading the file. */
async function opened(
  model: ModelFolder,
  made: Omit<Quantised, 'matrices'> & { readonly file: string; readonly notes: readonly string[] },
): Promise<ModelFolder> {
  const { file, notes, ...quantised } = made
  const header = await readSafetensorsHeader(file)
  const entry = (name: string): TensorEntry =>
    header.tensors.get(name) ?? fail(`${name} is not in ${file}`)
  const axes = blockMatrices(model.config)
  const matrices = new Map<string, BlockEntry>()
  for (const [name, axis] of axes) {
    const form = formOf(model.tensors.get(name)!, axis, made.weights)
    matrices.set(name, { ...form, integers: entry(name), scales: entry(scalesName(name)) })
  }
  const others = [...model.tensors.keys()].filter(name => !axes.has(name))
  const tensors = new Map(others.map(name => [name, entry(name)]))
  const result = { ...model, tensors, quantised: { ...quantised, matrices } }
  return { ...result, notes: [...model.notes, ...notes, noteOf(model, result)] }
}

function noteOf(
  { tensors }: ModelFolder,
  { quantised }: ModelFolder & { quantised: Quantised },
): string {
  const { weights, matrices } = quantised
  const sum = (entries: readonly TensorEntry[]): string =>
    `${(entries.reduce((n, { length }) => n + length, 0) / 1e6).toFixed(1)} MB`
  const before = [...matrices.keys()].map(name => tensors.get(name)!)
  const after = [...matrices.values()].flatMap(({ integers, scales }) => [integers, scales])
  return (
    `the matrices of the blocks are in ${weights}, one scale for ${blockOf[weights]} numbers: ` +
    `${sum(after)} instead of ${sum(before)}; embedding, head, norms and biases keep their numbers; computed on the CPU`
  )
}
