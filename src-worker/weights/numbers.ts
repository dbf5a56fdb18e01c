// Bytes of the number formats found in weight files (little-endian) → typed arrays, and half floats.
import { Fault, fail } from '../contract/fault'
import type { TensorEntry } from '../contract/model'

type Bytes = Uint8Array<ArrayBuffer>

/** All 65536 half-precision numbers as float32, made once on first use. */
let halves: Float32Array | undefined

function halfTable(): Float32Array {
  const table = new Float32Array(65536)
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24
    else if (exponent === 31) table[bits] = fraction === 0 ? sign * Infinity : Number.NaN
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  }
  return table
}

function fromHalf(bytes: Bytes): Float32Array<ArrayBuffer> {
  halves ??= halfTable()
  const table = halves
  const bits = new Uint16Array(bytes.buffer)
  const result = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) result[i] = table[bits[i]!]!
  return result
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat(bytes: Bytes): Float32Array<ArrayBuffer> {
  const bits = new Uint16Array(bytes.buffer)
  const result = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) result[i] = bits[i]! << 16
  return new Float32Array(result.buffer)
}

type Numbers = ArrayLike<number> & Iterable<number>

/** Integers and booleans as they are; int64 as doubles. `bytes` must own its whole buffer. */
function integers(bytes: Bytes, dtype: TensorEntry['dtype']): Numbers {
  if (dtype === 'I64') return Float64Array.from(new BigInt64Array(bytes.buffer), Number)
  if (dtype === 'I32') return new Int32Array(bytes.buffer)
  if (dtype === 'I16') return new Int16Array(bytes.buffer)
  if (dtype === 'I8') return new Int8Array(bytes.buffer)
  return bytes
}

/** F16 and BF16 are widened exactly; F64 and large integers are rounded. */
export function toFloat32(bytes: Bytes, dtype: TensorEntry['dtype']): Float32Array<ArrayBuffer> {
  if (bytes.byteOffset !== 0 || bytes.buffer.byteLength !== bytes.length) fail('bytes of a view')
  if (dtype === 'F32') return new Float32Array(bytes.buffer)
  if (dtype === 'F16') return fromHalf(bytes)
  if (dtype === 'BF16') return fromBfloat(bytes)
  if (dtype === 'F64') return new Float32Array(new Float64Array(bytes.buffer))
  return new Float32Array(integers(bytes, dtype))
}

export function toFloat64(bytes: Bytes, dtype: TensorEntry['dtype']): Float64Array<ArrayBuffer> {
  if (dtype === 'F64') return new Float64Array(bytes.buffer)
  if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16')
    return new Float64Array(toFloat32(bytes, dtype))
  return new Float64Array(integers(bytes, dtype))
}

const floats: readonly TensorEntry['dtype'][] = ['F64', 'F32', 'F16', 'BF16']

/** Fault: not integers, or one beyond int32. */
export function toInt32(bytes: Bytes, entry: TensorEntry): Int32Array<ArrayBuffer> {
  const { name, dtype, file } = entry
  const refuse = (what: string): Fault =>
    new Fault('bad-file', `${file}: tensor ${name} ${what}`, 'Write this file again.')
  if (floats.includes(dtype)) throw refuse(`has the type ${dtype}, not integers`)
  const values = integers(bytes, dtype)
  const result = Int32Array.from(values)
  for (let i = 0; i < result.length; i++)
    if (result[i] !== values[i]) throw refuse(`holds ${values[i]}, which is no 32-bit integer`)
  return result
}
