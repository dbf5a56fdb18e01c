// Protocol buffers, written: the wire types that ONNX and TensorBoard need. Ours and no library: the bytes of every
// ONNX graph are pinned by a digest (tests/graph/replay.json), and only these few field types occur.

/** Bytes of one message under construction. */
export interface Message {
  /** varint field; negative numbers as 64-bit two's complement */
  int(field: number, value: number): Message
  /** 32-bit float field */
  float(field: number, value: number): Message
  /** 64-bit float field */
  double(field: number, value: number): Message
  text(field: number, value: string): Message
  bytes(field: number, value: Uint8Array): Message
  message(field: number, value: Message): Message
  packedInts(field: number, values: readonly number[]): Message
  packedFloats(field: number, values: readonly number[]): Message
  done(): Uint8Array
}

const utf8 = new TextEncoder()
const lengthDelimited = 2

function varint(value: number, out: number[]): void {
  if (value < 0) {
    bigVarint(BigInt.asUintN(64, BigInt(value)), out)
    return
  }
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
}

function bigVarint(value: bigint, out: number[]): void {
  let rest = value
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  out.push(Number(rest))
}

function floatBytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((v, i) => {
    view.setFloat32(4 * i, v, true)
  })
  return new Uint8Array(view.buffer)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export function message(): Message {
  const parts: Uint8Array[] = []
  const tag = (field: number, wire: number, value?: number): void => {
    const head: number[] = []
    varint(field * 8 + wire, head)
    if (value !== undefined) varint(value, head)
    parts.push(Uint8Array.from(head))
  }
  const self: Message = {
    int(field, value) {
      tag(field, 0, value)
      return self
    },
    float(field, value) {
      tag(field, 5)
      parts.push(floatBytes([value]))
      return self
    },
    double(field, value) {
      tag(field, 1)
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setFloat64(0, value, true)
      parts.push(bytes)
      return self
    },
    bytes(field, value) {
      tag(field, lengthDelimited, value.length)
      parts.push(value)
      return self
    },
    text: (field, value) => self.bytes(field, utf8.encode(value)),
    message: (field, value) => self.bytes(field, value.done()),
    packedInts(field, values) {
      const out: number[] = []
      for (const v of values) varint(v, out)
      return self.bytes(field, Uint8Array.from(out))
    },
    packedFloats: (field, values) => self.bytes(field, floatBytes(values)),
    done: () => joined(parts),
  }
  return self
}
