// safetensors: 8 bytes header length N (little-endian), N bytes JSON, then the tensors' bytes.
// Read here: the header, and single tensors on demand. Writing is in safetensors-writer.ts.
import { type FileHandle, open } from 'node:fs/promises'
import { elements } from '../contract/dims'
import { asFault, Fault } from '../contract/fault'
import type { TensorEntry } from '../contract/model'
import { isPlain } from '../shared/plain-object'
import { parseObject, repeatedKey } from './json'
import { toFloat32, toFloat64, toInt32 } from './numbers'
import { sizeOfFile } from './plain-file'

/** What the headers of some files hold. */
export type Headers = Pick<SafetensorsHeader, 'tensors' | 'unsupported'>

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>
  /** tensors of a type that we do not read, name → type */
  readonly unsupported: ReadonlyMap<string, string>
  readonly metadata: Readonly<Record<string, string>>
}

export const elementSize: Readonly<Record<TensorEntry['dtype'], number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
}

/** The limit of the reference implementation, in bytes. */
const largestHeader = 100_000_000

const refuse = (path: string, what: string): Fault =>
  new Fault('bad-file', `${path}: ${what}`, 'Download or write this file again.')

async function readExactly(
  handle: FileHandle,
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    // one read call is limited to 2³¹ − 1 bytes
    const part = Math.min(length - done, 0x4000_0000)
    const { bytesRead } = await handle.read(bytes, done, part, offset + done)
    if (bytesRead === 0)
      throw refuse(path, `the file ends ${length - done} bytes before the end of its tensor`)
    done += bytesRead
  }
  return bytes
}

interface HeaderText {
  readonly text: string
  /** byte offset in the file */
  readonly dataStart: number
}

async function headerText(handle: FileHandle, path: string, size: number): Promise<HeaderText> {
  if (size < 8) throw refuse(path, `${size} bytes are too few for a safetensors file`)
  const start = await readExactly(handle, path, 0, 8)
  const length = Number(new DataView(start.buffer).getBigUint64(0, true))
  if (length > largestHeader)
    throw refuse(path, `a header of ${length} bytes is no safetensors header`)
  if (8 + length > size)
    throw refuse(path, `the header has ${length} bytes, but the file only ${size}: truncated`)
  const text = Buffer.from(await readExactly(handle, path, 8, length)).toString('utf8')
  return { text, dataStart: 8 + length }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

interface Extent {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

function extent(path: string, name: string, value: unknown): Extent {
  if (!isPlain(value)) throw refuse(path, `the header's entry ${name} is no object`)
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !shape.every(isCount))
    throw refuse(path, `tensor ${name} has no proper dtype and shape`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw refuse(path, `tensor ${name} has no proper data_offsets`)
  const [begin, end] = offsets as [number, number]
  return { name, dtype, shape, begin, end }
}

/** Tensors must fill the data without overlap, up to its last byte. */
function checkExtents(path: string, extents: readonly Extent[], dataLength: number): void {
  const inOrder = [...extents].sort((a, b) => a.begin - b.begin || a.end - b.end)
  let last = { name: 'the header', end: 0 }
  for (const { name, begin, end } of inOrder) {
    if (end < begin) throw refuse(path, `tensor ${name} ends (${end}) before it begins (${begin})`)
    if (begin < last.end) throw refuse(path, `tensors ${last.name} and ${name} overlap`)
    if (begin > last.end)
      throw refuse(
        path,
        `${begin - last.end} bytes between ${last.name} and ${name} are no tensor's`,
      )
    if (end > dataLength) {
      const what = `tensor ${name} ends at byte ${end} of the data, which has ${dataLength}: truncated`
      throw refuse(path, what)
    }
    last = { name, end }
  }
  if (last.end !== dataLength)
    throw refuse(path, `${dataLength - last.end} bytes after the last tensor`)
}

const isSupported = (dtype: string): dtype is TensorEntry['dtype'] =>
  Object.hasOwn(elementSize, dtype)

function toEntry(path: string, dataStart: number, tensor: Extent): TensorEntry | undefined {
  const { name, dtype, shape, begin, end } = tensor
  if (!isSupported(dtype)) return undefined
  const expected = elements(shape) * elementSize[dtype]
  if (end - begin !== expected)
    throw refuse(
      path,
      `tensor ${name} ${dtype} [${shape}] needs ${expected} bytes, has ${end - begin}`,
    )
  return { name, dtype, shape, file: path, offset: dataStart + begin, length: end - begin }
}

const isText = (pair: readonly [string, unknown]): pair is [string, string] =>
  typeof pair[1] === 'string'

/** Opens the header only. `path` goes into the entries as it is: resolve symbolic links before. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const size = await sizeOfFile(path)
  const handle = await open(path, 'r').catch(error => {
    throw asFault(error, path)
  })
  try {
    const { text, dataStart } = await headerText(handle, path, size)
    const { __metadata__: metadata, ...rest } = parseObject(text, path)
    const twice = repeatedKey(text)
    if (twice !== undefined) throw refuse(path, `its header names ${twice} twice`)
    const extents = Object.entries(rest).map(([name, value]) => extent(path, name, value))
    checkExtents(path, extents, size - dataStart)
    const tensors = new Map<string, TensorEntry>()
    const unsupported = new Map<string, string>()
    for (const tensor of extents) {
      const entry = toEntry(path, dataStart, tensor)
      if (entry === undefined) unsupported.set(tensor.name, tensor.dtype)
      else tensors.set(entry.name, entry)
    }
    const texts = isPlain(metadata) ? Object.entries(metadata).filter(isText) : []
    return { tensors, unsupported, metadata: Object.fromEntries(texts) }
  } finally {
    await handle.close()
  }
}

async function readBytes(
  entry: TensorEntry,
  from = 0,
  length = entry.length,
): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(entry.file, 'r')
  try {
    return await readExactly(handle, entry.file, entry.offset + from, length)
  } finally {
    await handle.close()
  }
}

/** The bytes of a tensor as they stand in the file. */
export const readRaw = (entry: TensorEntry): Promise<Uint8Array<ArrayBuffer>> => readBytes(entry)

/** The same in parts: a large tensor is never held whole. */
export async function* rawParts(
  entry: TensorEntry,
  bytes = 1 << 24,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let from = 0; from < entry.length; from += bytes)
    yield await readBytes(entry, from, Math.min(bytes, entry.length - from))
}

/** Rows from ≤ r < to of a matrix [N, W] as float32. */
export async function readRowRange(
  entry: TensorEntry,
  from: number,
  to: number,
): Promise<Float32Array<ArrayBuffer>> {
  const row = entry.length / entry.shape[0]!
  return toFloat32(await readBytes(entry, from * row, (to - from) * row), entry.dtype)
}

/** A whole tensor as float32: F16 and BF16 are widened exactly, F64 is rounded. */
export async function readTensor(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  return toFloat32(await readBytes(entry), entry.dtype)
}

/** A whole tensor as float64, exactly (integers beyond 2⁵³ apart). */
export async function readDoubles(entry: TensorEntry): Promise<Float64Array<ArrayBuffer>> {
  return toFloat64(await readBytes(entry), entry.dtype)
}

/** A whole tensor of integers (I64, I32, I16, I8, U8, BOOL) as int32. Fault: one does not fit. */
export async function readIntegers(entry: TensorEntry): Promise<Int32Array<ArrayBuffer>> {
  return toInt32(await readBytes(entry), entry)
}

/** Some rows of a matrix [N, W] as float32 [rows, W], without reading the others. */
export async function readRows(
  entry: TensorEntry,
  rows: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
  const [count = 0, width = 0] = entry.shape
  const rowLength = width * elementSize[entry.dtype]
  const result = new Float32Array(rows.length * width)
  const handle = await open(entry.file, 'r')
  try {
    for (const [i, row] of rows.entries()) {
      if (!isCount(row) || row >= count)
        throw new Fault(
          'shape',
          `${entry.name} has ${count} rows, not a row ${row}`,
          'Use a token of this model.',
        )
      const bytes = await readExactly(handle, entry.file, entry.offset + row * rowLength, rowLength)
      result.set(toFloat32(bytes, entry.dtype), i * width)
    }
  } finally {
    await handle.close()
  }
  return result
}
