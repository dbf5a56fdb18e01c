// Writes a safetensors file: wide numbers first, then by name, header padded to 8 bytes, so that every tensor is aligned
// and equal tensors give equal bytes.
import { elements } from '../contract/dims'
import { fail } from '../contract/fault'
import type { TensorEntry } from '../contract/model'
import { writeAtomically } from './atomic'
import { elementSize } from './safetensors'

export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

export interface TensorToWrite {
  readonly shape: readonly number[]
  readonly data: TensorData
}

function dtypeOf(data: TensorData): TensorEntry['dtype'] {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Float64Array) return 'F64'
  if (data instanceof Int32Array) return 'I32'
  if (data instanceof BigInt64Array) return 'I64'
  return 'U8'
}

export const bytesOf = (data: TensorData): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

function checkSize(name: string, { shape, data }: TensorToWrite): void {
  const expected = elements(shape)
  if (data.length === expected) return
  fail(`tensor ${name} [${shape}] has ${data.length} values, not ${expected}`)
}

/** The file as chunks to be written one after another; nothing is copied. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
  const size = ({ data }: TensorToWrite): number => elementSize[dtypeOf(data)]
  const inOrder = [...tensors].sort(
    ([nameA, a], [nameB, b]) => size(b) - size(a) || (nameA < nameB ? -1 : 1),
  )
  const entries = inOrder.map(([name, tensor]) => {
    checkSize(name, tensor)
    const { shape, data } = tensor
    return { name, shape, dtype: dtypeOf(data), length: data.byteLength }
  })
  return [encodeHeader(entries, metadata), ...inOrder.map(([, { data }]) => bytesOf(data))]
}

/** The beginning of a file whose tensors follow in this order; their lengths are in bytes. */
export function encodeHeader(
  tensors: readonly Pick<TensorEntry, 'name' | 'dtype' | 'shape' | 'length'>[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = {}
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata
  let offset = 0
  for (const { name, dtype, shape, length } of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + length] }
    offset += length
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20)
  padded.set(json, 8)
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true)
  return padded
}

/** Writes the whole file or leaves the old one. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeAtomically(path, encodeSafetensors(tensors, metadata))
}
