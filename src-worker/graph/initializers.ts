// Tensors stored in one graph of a model. Each body of a scan has the constants that it reads among its own: CUDA needs
// some of them on the host (shapes, axes) and some on the device, and one captured from outside is copied at every step.
import { createHash } from 'node:crypto'
import { fail } from '../contract/fault'
import { type Message, message } from '../shared/protobuf'
import { type ConstantData, type Dims, onnxType, type Value } from './value'

export interface Initializers {
  readonly messages: Message[]
  /** Equal constants of a graph share one initializer. */
  nameOf(v: Value, data: ConstantData): string
}

/** @param fresh a name that no graph of the model has yet */
export function initializers(fresh: () => string): Initializers {
  const names = new Map<string, string>()
  const messages: Message[] = []
  return {
    messages,
    nameOf(v, data) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      const key = `${v.dtype}|${v.dims.join(',')}|${bytes.length <= 64 ? bytes.join(',') : hashOf(bytes)}`
      const known = names.get(key)
      if (known !== undefined) return known
      const name = fresh()
      names.set(key, name)
      messages.push(tensor(name, v).bytes(9, bytes))
      return name
    },
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** TensorProto without its numbers. */
export function tensor(name: string, v: Value): Message {
  const out = message()
  if (v.dims.length > 0) out.packedInts(1, numbers(v.dims))
  return out.int(2, onnxType[v.dtype]).text(8, name)
}

const numbers = (dims: Dims): readonly number[] =>
  dims.map(d => (typeof d === 'number' ? d : fail('an initializer has symbolic dims')))
