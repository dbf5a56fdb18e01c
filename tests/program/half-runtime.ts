// float16 on the CPU, as a GPU's tensor cores have it: factors and results of products are rounded to float16, sums are
// float32. Left alone, onnxruntime's CPU provider takes casts to float16 and back out in pairs and rounds nothing. So
// this runtime rewrites programs: a Reshape to its own shape, which float16 survives, stands behind every cast to
// float16 and every float16 product.

import { ortRuntime } from '../../src-worker/session/ort'
import type { Runtime } from '../../src-worker/session/runtime'
import { message } from '../../src-worker/shared/protobuf'

interface Field {
  readonly number: number
  /** a number, or the bytes of a message or string; fixed 32-bit values as their four bytes */
  readonly value: number | Uint8Array
  readonly fixed: boolean
}

function readVarint(bytes: Uint8Array, from: number): readonly [value: number, next: number] {
  let value = 0n
  let shift = 0n
  let at = from
  for (;;) {
    const byte = bytes[at++]!
    value |= BigInt(byte & 127) << shift
    shift += 7n
    if (byte < 128) return [Number(BigInt.asIntN(64, value)), at]
  }
}

function read(bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag, start] = readVarint(bytes, at)
    const [number, wire] = [tag >> 3, tag & 7]
    const [first, next] = wire === 5 ? [4, start] : readVarint(bytes, start)
    const end = wire === 0 ? next : next + first
    const value = wire === 0 ? first : bytes.subarray(next, end)
    fields.push({ number, value, fixed: wire === 5 })
    at = end
  }
  return fields
}

function write(fields: readonly Field[]): Uint8Array {
  const out = message()
  for (const { number, value, fixed } of fields) {
    if (typeof value === 'number') out.int(number, value)
    else if (!fixed) out.bytes(number, value)
    else out.float(number, new DataView(value.buffer, value.byteOffset).getFloat32(0, true))
  }
  return out.done()
}

const text = (value: Field['value']): string => new TextDecoder().decode(value as Uint8Array)
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)
const field = (number: number, value: Field['value']): Field => ({ number, value, fixed: false })
const allOf = (fields: readonly Field[], number: number): Field['value'][] =>
  fields.filter(f => f.number === number).map(f => f.value)

const node = (op: string, inputs: readonly string[], output: string): Field =>
  field(
    1,
    write([
      ...inputs.map(name => field(1, bytesOf(name))),
      field(2, bytesOf(output)),
      field(3, bytesOf(`round_${op}_${output}`)),
      field(4, bytesOf(op)),
    ]),
  )

const float16 = 10
const products = new Set(['MatMul', 'FusedMatMul', 'Gemm'])

const toHalf = (op: string, fields: readonly Field[]): boolean =>
  op === 'Cast' &&
  allOf(fields, 5).some(attribute => allOf(read(attribute as Uint8Array), 3)[0] === float16)

/** A node, its subgraphs rewritten, and what rounds its result. halves: names of float16 values, added to */
function roundedNode(bytes: Uint8Array, halves: Set<string>): Field[] {
  const fields = read(bytes).map(f => {
    if (f.number !== 5) return f
    const attribute = read(f.value as Uint8Array)
    if (!attribute.some(a => a.number === 6)) return f
    return field(
      5,
      write(
        attribute.map(a => (a.number === 6 ? field(6, rounded(a.value as Uint8Array, halves)) : a)),
      ),
    )
  })
  const op = text(allOf(fields, 4)[0]!)
  const [inputs, outputs] = [allOf(fields, 1).map(text), allOf(fields, 2).map(text)]
  const casts = toHalf(op, fields)
  const half = casts || (!['Cast', 'Shape', 'Scan'].includes(op) && halves.has(inputs[0] ?? ''))
  if (half) for (const name of outputs) halves.add(name)
  if (!casts && !(half && products.has(op))) return [field(1, write(fields))]
  const [name, raw] = [outputs[0]!, `${outputs[0]}_raw`]
  const renamed = fields.map(f => (f.number === 2 ? field(2, bytesOf(raw)) : f))
  return [
    field(1, write(renamed)),
    node('Shape', [raw], `${name}_shape`),
    node('Reshape', [raw, `${name}_shape`], name),
  ]
}

function rounded(graph: Uint8Array, halves: Set<string>): Uint8Array {
  return write(
    read(graph).flatMap(f => (f.number === 1 ? roundedNode(f.value as Uint8Array, halves) : [f])),
  )
}

const roundedModel = (model: Uint8Array): Uint8Array =>
  write(
    read(model).map(f =>
      f.number === 7 ? field(7, rounded(f.value as Uint8Array, new Set())) : f,
    ),
  )

export function halfRuntime(): Runtime {
  const runtime = ortRuntime({ threads: 1 })
  return {
    device: runtime.device,
    open: (model, folder, options) => runtime.open(roundedModel(model), folder, options),
  }
}
