// Files of torch.save, as data: the zip container and the legacy one, read by an allow-list that executes nothing.
// Only contiguous float32 tensors on any device are known: that is all a soft prompt holds.
import { elements } from '../contract/dims'
import { Fault } from '../contract/fault'
import type { Parameter } from '../contract/snapshot'
import { Global, Made, type PickleRules, type PickleValue, readPickle, Tuple } from './pickle'
import { PickleRefused, refuse } from './pickle-bytes'
import { isZip, openZip, ZipRefused } from './zip'

/** Plain data: what a snapshot of the original is made of. */
export type TorchValue =
  | null
  | boolean
  | number
  | string
  | Parameter
  | readonly TorchValue[]
  | ReadonlyMap<string, TorchValue>

interface Storage {
  readonly key: string
  /** elements */
  readonly count: number
}

interface Tensor {
  readonly storage: Storage
  readonly offset: number
  readonly shape: readonly number[]
  readonly stride: readonly number[]
}

const dictionary = 'collections.OrderedDict'
const rebuild = 'torch._utils._rebuild_tensor_v2'
const rebuildParameter = 'torch._utils._rebuild_parameter'
const floatStorage = 'torch.FloatStorage'
/** mentioned only to say why they are refused */
const otherStorages = [
  'Half',
  'BFloat16',
  'Double',
  'Long',
  'Int',
  'Bool',
  'Byte',
  'Short',
  'Char',
].map(type => `torch.${type}Storage`)

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

function counts(value: PickleValue | undefined, what: string): readonly number[] {
  if (value instanceof Tuple && value.items.every(isCount)) return value.items as readonly number[]
  return refuse(`a tensor's ${what} is no list of sizes`)
}

function made<T>(value: PickleValue | undefined, what: string): T {
  return value instanceof Made ? (value.value as T) : refuse(`${what} is missing`)
}

/** ('storage', type, key, location, count[, view]): the location (cpu, cuda:0) does not matter. */
function storageOf(id: PickleValue): PickleValue {
  const [tag, type, key, , count, view = null] = id instanceof Tuple ? id.items : []
  if (tag !== 'storage' || !(type instanceof Global) || typeof key !== 'string' || !isCount(count))
    return refuse('it refers to something that is no storage')
  if (view !== null) return refuse('a storage is a view of another')
  if (type.name !== floatStorage)
    return refuse(
      `a tensor is stored as ${type.name}; soft prompts are float32 (torch.FloatStorage)`,
    )
  return new Made<Storage>({ key, count })
}

function tensorOf(args: readonly PickleValue[]): Made<Tensor> {
  const storage = made<Storage>(args[0], "a tensor's storage")
  const offset = isCount(args[1]) ? args[1] : refuse(`a tensor begins at ${String(args[1])}`)
  const [shape, stride] = [counts(args[2], 'shape'), counts(args[3], 'stride')]
  if (shape.length !== stride.length) refuse('a tensor has a stride of another rank')
  const size = elements(shape)
  const last = shape.reduce((n, d, i) => n + Math.max(0, d - 1) * stride[i]!, offset)
  if (size > 0 && last >= storage.count)
    return refuse(
      `a tensor of shape [${shape}] reaches beyond its storage of ${storage.count} numbers`,
    )
  if (size > storage.count) return refuse(`a tensor of shape [${shape}] repeats its storage`)
  return new Made<Tensor>({ storage, offset, shape, stride })
}

const rules: PickleRules = {
  globals: new Set([dictionary, rebuild, rebuildParameter, floatStorage, ...otherStorages]),
  reduce: (name, args) => {
    if (name === dictionary && args.length === 0) return new Map()
    if (name === rebuild) return tensorOf(args)
    if (name === rebuildParameter && args[0] instanceof Made) return args[0]
    return refuse(`${name} is called in a way that snapshots do not`)
  },
  persistent: storageOf,
}

type Storages = (storage: Storage) => Uint8Array

/** Row-major float32 copy of a tensor. */
function readTensor(tensor: Tensor, storages: Storages): Parameter {
  const { storage, offset, shape, stride } = tensor
  const bytes = storages(storage)
  if (bytes.length < storage.count * 4)
    refuse(`storage ${storage.key} has ${bytes.length} bytes, not ${storage.count * 4}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data = new Float32Array(elements(shape))
  const at = shape.map(() => 0)
  for (let i = 0; i < data.length; i++) {
    const place = at.reduce((n, index, axis) => n + index * stride[axis]!, offset)
    // numbers are copied as bits, so that a NaN keeps its payload
    new DataView(data.buffer).setUint32(i * 4, view.getUint32(place * 4, true), true)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++at[axis]! < shape[axis]!) break
      at[axis] = 0
    }
  }
  return { shape, data }
}

const deepest = 20
const mostNumbers = 2 ** 29
/** Lists may hold the same list many times: what they hold is counted as often as it is there. */
const mostValues = 1_000_000

interface Walk {
  readonly storages: Storages
  values: number
  /** of tensors; a file's storages may be read by many of them */
  numbers: number
}

function counted(tensor: Tensor, walk: Walk): Tensor {
  walk.numbers += elements(tensor.shape)
  // no soft prompt comes near it
  return walk.numbers > mostNumbers
    ? refuse(`its tensors have more than ${mostNumbers} numbers`)
    : tensor
}

const plain = (value: PickleValue, storages: Storages): TorchValue =>
  plainOf(value, { storages, values: 0, numbers: 0 }, 0)

function plainOf(value: PickleValue, walk: Walk, depth: number): TorchValue {
  walk.values += 1
  if (walk.values > mostValues) return refuse(`it holds more than ${mostValues} values`)
  if (depth > deepest) return refuse('its values are nested too deeply')
  const inner = (each: PickleValue): TorchValue => plainOf(each, walk, depth + 1)
  if (value instanceof Made) return readTensor(counted(value.value as Tensor, walk), walk.storages)
  if (value instanceof Tuple) return value.items.map(inner)
  if (value instanceof Global) return refuse(`${value.name} stands where a value belongs`)
  if (Array.isArray(value)) return value.map(inner)
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]): [string, TorchValue] => [
      typeof key === 'string' ? key : refuse('a dictionary has a key that is no string'),
      inner(each),
    ])
    return new Map(entries)
  }
  return typeof value === 'bigint' ? Number(value) : value
}

/** What torch.save writes: entries stored, each once. */
async function storedEntries(bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const zip = await openZip(bytes)
  const entries = new Map<string, Uint8Array>()
  for await (const { name, stored, read } of zip.entries()) {
    if (!stored) return refuse(`its entry ${name} is compressed`)
    if (entries.has(name)) return refuse(`it has two entries ${name}`)
    const parts: Uint8Array[] = []
    for await (const part of read()) parts.push(part)
    entries.set(name, Buffer.concat(parts))
  }
  return entries
}

async function readZip(bytes: Uint8Array): Promise<TorchValue> {
  const entries = await storedEntries(bytes)
  const path = [...entries.keys()].find(name => /^[^/]+\/data\.pkl$/.test(name))
  const pickle = path === undefined ? undefined : entries.get(path)
  if (path === undefined || pickle === undefined) return refuse('it holds no data.pkl')
  const folder = path.slice(0, -'data.pkl'.length)
  const order = entries.get(`${folder}byteorder`)
  if (order !== undefined && new TextDecoder().decode(order).trim() !== 'little')
    return refuse('its numbers are big-endian')
  const { value } = readPickle(pickle, 0, rules)
  return plain(value, storage => {
    return (
      entries.get(`${folder}data/${storage.key}`) ??
      refuse(`the numbers of storage ${storage.key} are missing`)
    )
  })
}

/** magic number, protocol and system info, then object, storage keys and raw storages, one after another */
const legacyMagic = 0x1950a86a20f9469cfc6cn

function readLegacy(bytes: Uint8Array): TorchValue {
  const magic = readPickle(bytes, 0, rules)
  if (magic.value !== legacyMagic) return refuse('it is no file of torch.save')
  const protocol = readPickle(bytes, magic.end, rules)
  if (protocol.value !== 1001)
    return refuse(`its legacy protocol is ${String(protocol.value)}, not 1001`)
  const info = readPickle(bytes, protocol.end, rules)
  if (info.value instanceof Map && info.value.get('little_endian') === false)
    return refuse('its numbers are big-endian')
  const object = readPickle(bytes, info.end, rules)
  const keys = readPickle(bytes, object.end, rules)
  if (!Array.isArray(keys.value)) return refuse('its list of storages is missing')
  const storages = new Map<string, Uint8Array>()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = keys.end
  for (const key of keys.value) {
    const count = at + 8 <= bytes.length ? Number(view.getBigInt64(at, true)) : -1
    const end = at + 8 + count * 4
    if (typeof key !== 'string' || !isCount(count) || end > bytes.length)
      return refuse(`the numbers of storage ${String(key)} are cut off: truncated`)
    storages.set(key, bytes.subarray(at + 8, end))
    at = end
  }
  return plain(
    object.value,
    ({ key }) => storages.get(key) ?? refuse(`the numbers of storage ${key} are missing`),
  )
}

/** The content of a file of torch.save. Fault `bad-snapshot`: anything but plain data and float32 tensors. */
export async function readTorchFile(bytes: Uint8Array, path: string): Promise<TorchValue> {
  const fault = (what: string, cause?: unknown): Fault =>
    new Fault(
      'bad-snapshot',
      `${path} is refused: ${what}`,
      'Choose a snapshot file that the original wrote.',
      { cause },
    )
  if (bytes.length === 0) throw fault('the file is empty')
  // both containers begin with a fixed byte; text, JSON and the like do not
  if (!isZip(bytes) && bytes[0] !== 0x80) throw fault('it is neither a zip nor a pickle')
  try {
    return isZip(bytes) ? await readZip(bytes) : readLegacy(bytes)
  } catch (cause) {
    if (cause instanceof PickleRefused || cause instanceof ZipRefused)
      throw fault(cause.message, cause)
    throw cause
  }
}
