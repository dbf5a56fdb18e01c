// TensorBoard's Event messages (protobuf), as far as scalars need them: read by skipping the rest.
// Field numbers: tensorboard/compat/proto/{event,summary,tensor}.proto.
import { message } from '../shared/protobuf'

/** One scalar of one step. wall: unix milliseconds. */
export interface Scalar {
  readonly tag: string
  readonly step: number
  readonly value: number
  readonly wall: number
}

const text = new TextDecoder()

// ---- writing ----

/** The first event of every file. */
export const versionEvent = (wall: number): Uint8Array =>
  message()
    .double(1, wall / 1000)
    .text(3, 'brain.Event:2')
    .done()

/** Event { wall_time = 1, step = 2, summary = 5 { value = 1 { tag = 1, simple_value = 2 } } }. */
export function scalarEvent({ tag, step, value, wall }: Scalar): Uint8Array {
  const scalar = message().text(1, tag).float(2, value)
  return message()
    .double(1, wall / 1000)
    .int(2, step)
    .message(5, message().message(1, scalar))
    .done()
}

// ---- reading ----

type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: number }
  | { readonly number: number; readonly kind: 'bytes'; readonly bytes: Uint8Array }

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Fields of a message in order; fixed32 and fixed64 come as their bytes. Throws RangeError on a torn message. */
function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError('torn protobuf message')
    at += length
    return bytes.subarray(at - length, at)
  }
  const readVarint = (): number => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0] ?? 0
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(BigInt.asIntN(64, value))
    }
    throw new RangeError('a varint longer than 10 bytes')
  }
  while (at < bytes.length) {
    const key = readVarint()
    const number = Math.floor(key / 8)
    const wire = key % 8
    if (wire === 0) yield { number, kind: 'varint', value: readVarint() }
    else if (wire === 1) yield { number, kind: 'bytes', bytes: take(8) }
    else if (wire === 2) yield { number, kind: 'bytes', bytes: take(readVarint()) }
    else if (wire === 5) yield { number, kind: 'bytes', bytes: take(4) }
    else throw new RangeError(`wire type ${wire}`)
  }
}

const bfloat16 = (bits: number): number =>
  new Float32Array(new Uint32Array([bits << 16]).buffer)[0] ?? Number.NaN

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The first number of raw tensor_content, by TensorFlow's DataType. */
function firstOfContent(dtype: number, bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes)
  if (dtype === 1 && bytes.length >= 4) return view.getFloat32(0, true)
  if (dtype === 2 && bytes.length >= 8) return view.getFloat64(0, true)
  if (dtype === 3 && bytes.length >= 4) return view.getInt32(0, true)
  if (dtype === 9 && bytes.length >= 8) return Number(view.getBigInt64(0, true))
  if (dtype === 14 && bytes.length >= 2) return bfloat16(view.getUint16(0, true))
  if (dtype === 19 && bytes.length >= 2) return float16(view.getUint16(0, true))
  return undefined
}

/** Packed (bytes) or plain (varint) integer field: its first number. */
function firstInteger(field: Field): number | undefined {
  if (field.kind === 'varint') return field.value
  for (const inner of fields(Uint8Array.from([8, ...field.bytes])))
    if (inner.kind === 'varint') return inner.value
  return undefined
}

/** A TensorProto with one element as a number; undefined when it is something else. */
function scalarOfTensor(bytes: Uint8Array): number | undefined {
  let dtype = 0
  let value: number | undefined
  for (const field of fields(bytes)) {
    if (field.number === 1 && field.kind === 'varint') dtype = field.value
    if (field.number === 4 && field.kind === 'bytes') value = firstOfContent(dtype, field.bytes)
    if (field.number === 5 && field.kind === 'bytes')
      value = viewOf(field.bytes).getFloat32(0, true)
    if (field.number === 6 && field.kind === 'bytes')
      value = viewOf(field.bytes).getFloat64(0, true)
    if (field.number === 7 || field.number === 10) value = firstInteger(field)
    if (field.number === 13) {
      const bits = firstInteger(field) ?? 0
      value = dtype === 14 ? bfloat16(bits) : float16(bits)
    }
  }
  return value
}

/** Whether a TensorProto has no dimensions: { tensor_shape = 2 { dim = 2 } }. */
function isSingle(bytes: Uint8Array): boolean {
  for (const field of fields(bytes))
    if (field.number === 2 && field.kind === 'bytes' && field.bytes.length > 0) return false
  return true
}

/** SummaryMetadata { plugin_data = 1 { plugin_name = 1 } }. */
function pluginName(metadata: Uint8Array): string {
  for (const outer of fields(metadata))
    if (outer.number === 1 && outer.kind === 'bytes')
      for (const inner of fields(outer.bytes))
        if (inner.number === 1 && inner.kind === 'bytes') return text.decode(inner.bytes)
  return ''
}

interface SummaryValue {
  readonly tag: string
  readonly simple: number | undefined
  readonly tensor: Uint8Array | undefined
  readonly plugin: string
}

function summaryValue(bytes: Uint8Array): SummaryValue {
  let tag = ''
  let plugin = ''
  let simple: number | undefined
  let tensor: Uint8Array | undefined
  for (const field of fields(bytes)) {
    if (field.kind !== 'bytes') continue
    if (field.number === 1) tag = text.decode(field.bytes)
    if (field.number === 2 && field.bytes.length === 4)
      simple = viewOf(field.bytes).getFloat32(0, true)
    if (field.number === 8) tensor = field.bytes
    if (field.number === 9) plugin = pluginName(field.bytes)
  }
  return { tag, simple, tensor, plugin }
}

/**
 * Scalars of one event. A tensor counts when its tag belongs to the plugin 'scalars', which only the first event of a tag
 * says: `plugins` remembers it over a file. In a further file of a run nothing may say it: then one without dimensions
 * counts. Throws RangeError on a torn message.
 */
export function scalarsOf(event: Uint8Array, plugins: Map<string, string>): Scalar[] {
  let wall = 0
  let step = 0
  const scalars: Scalar[] = []
  const summaries: Uint8Array[] = []
  for (const field of fields(event)) {
    if (field.number === 1 && field.kind === 'bytes')
      wall = viewOf(field.bytes).getFloat64(0, true) * 1000
    if (field.number === 2 && field.kind === 'varint') step = field.value
    if (field.number === 5 && field.kind === 'bytes') summaries.push(field.bytes)
  }
  for (const summary of summaries)
    for (const field of fields(summary)) {
      if (field.number !== 1 || field.kind !== 'bytes') continue
      const { tag, simple, tensor, plugin } = summaryValue(field.bytes)
      if (plugin && !plugins.has(tag)) plugins.set(tag, plugin)
      const owner = plugins.get(tag)
      const isScalar = (of: Uint8Array) =>
        owner === 'scalars' || (owner === undefined && isSingle(of))
      const value = simple ?? (tensor && isScalar(tensor) ? scalarOfTensor(tensor) : undefined)
      if (value !== undefined) scalars.push({ tag, step, value, wall })
    }
  return scalars
}
