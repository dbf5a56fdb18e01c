// Writes a file as torch.save does: a zip archive of one pickle (protocol 2) and the bytes of each tensor, nothing compressed.
import { buf as crc32 } from 'crc-32'
import type { Parameter } from '../contract/snapshot'
import { writeAtomically } from './atomic'
import { bytesOf } from './safetensors-writer'

/** What can be written: plain data, and tensors by name in an ordered dictionary. */
export type Written =
  | null
  | boolean
  | number
  | string
  | readonly Written[]
  | { readonly [key: string]: Written }
  | ReadonlyMap<string, Parameter>

const text = (words: string): Buffer => Buffer.from(words, 'latin1')
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
const unicode = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8')
  return Buffer.concat([text('X'), int32(bytes.length), bytes])
}
const tuple = (items: readonly Buffer[]): Buffer => Buffer.concat([text('('), ...items, text('t')])
const isInt32 = (value: number): boolean => Number.isInteger(value) && value === (value | 0)

function number(value: number): Buffer {
  if (isInt32(value) && !Object.is(value, -0)) return Buffer.concat([text('J'), int32(value)])
  const bytes = Buffer.alloc(9, 'G')
  bytes.writeDoubleBE(value, 1)
  return bytes
}

const orderedDictionary = text('ccollections\nOrderedDict\n)R')

/** A contiguous float32 tensor on the CPU, whose numbers are the archive's entry data/KEY. */
function tensor({ shape, data }: Parameter, key: string): Buffer {
  const stride = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * Math.max(b, 1), 1))
  const kind = text('ctorch\nFloatStorage\n')
  const parts = [unicode('storage'), kind, unicode(key), unicode('cpu'), number(data.length)]
  const storage = Buffer.concat([tuple(parts), text('Q')])
  const sizes = [tuple(shape.map(number)), tuple(stride.map(number))]
  const rest = [text('\x89'), orderedDictionary]
  const given = tuple([storage, number(0), ...sizes, ...rest])
  return Buffer.concat([text('ctorch._utils\n_rebuild_tensor_v2\n'), given, text('R')])
}

function pickled(value: Written, tensors: Parameter[]): Buffer {
  if (value === null) return text('N')
  if (typeof value === 'boolean') return text(value ? '\x88' : '\x89')
  if (typeof value === 'number') return number(value)
  if (typeof value === 'string') return unicode(value)
  if (Array.isArray(value)) {
    const items = (value as readonly Written[]).map(item => pickled(item, tensors))
    return Buffer.concat([text(']('), ...items, text('e')])
  }
  if (value instanceof Map) {
    const items = [...(value as ReadonlyMap<string, Parameter>)].flatMap(([name, parameter]) => {
      tensors.push(parameter)
      return [unicode(name), tensor(parameter, String(tensors.length - 1))]
    })
    return Buffer.concat([orderedDictionary, text('('), ...items, text('u')])
  }
  const items = Object.entries(value).flatMap(([k, v]) => [unicode(k), pickled(v, tensors)])
  return Buffer.concat([text('}('), ...items, text('u')])
}

/** 1980-01-01, the earliest that a zip archive knows: equal content gives equal bytes. */
const earliest = 0x00210000

/** Fields that an entry's own header and the directory share. */
function zipFields(name: Buffer, content: Uint8Array): Buffer {
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0) // version that reads it
  fields.writeUInt32LE(earliest, 6)
  fields.writeInt32LE(crc32(content), 10)
  fields.writeUInt32LE(content.length, 14)
  fields.writeUInt32LE(content.length, 18)
  fields.writeUInt16LE(name.length, 22)
  return fields
}

function zipped(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array[] {
  const [chunks, directory]: [Uint8Array[], Uint8Array[]] = [[], []]
  let offset = 0
  for (const [path, content] of entries) {
    const name = Buffer.from(path, 'utf8')
    const fields = zipFields(name, content)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(text('PK\x01\x02\x14\x00'), fields, place, name)
    chunks.push(text('PK\x03\x04'), fields, name, content)
    offset += 4 + fields.length + name.length + content.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(
    directory.reduce((n, part) => n + part.length, 0),
    12,
  )
  end.writeUInt32LE(offset, 16)
  return [...chunks, ...directory, end]
}

async function writeArchive(path: string, value: Buffer, tensors: readonly Parameter[]) {
  const entries: (readonly [string, Uint8Array])[] = [
    ['archive/data.pkl', Buffer.concat([text('\x80\x02'), value, text('.')])],
    ['archive/byteorder', text('little')],
    ...tensors.map(({ data }, i) => [`archive/data/${i}`, bytesOf(data)] as const),
    ['archive/version', text('3\n')],
  ]
  await writeAtomically(path, zipped(entries))
}

/** Writes a tuple of values as torch.save does, whole or not at all. */
export async function writeTorchFile(path: string, values: readonly Written[]): Promise<void> {
  const tensors: Parameter[] = []
  const items = values.map(value => pickled(value, tensors))
  await writeArchive(path, tuple(items), tensors)
}

/** Writes one tensor, for what takes it as such: vLLM's prompt_embeds, for instance. */
export async function writeTorchTensor(path: string, value: Parameter): Promise<void> {
  await writeArchive(path, tensor(value, '0'), [value])
}
