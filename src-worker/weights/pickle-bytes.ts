// The bytes of a pickle, read forward; every read is checked against the end.

/** Why a pickle was refused; the caller turns it into a fault that names the file. */
export class PickleRefused extends Error {}

export const refuse = (what: string): never => {
  throw new PickleRefused(what)
}

export interface PickleBytes {
  position(): number
  u8(): number
  u16(): number
  u32(): number
  i32(): number
  u64(): number
  f64(): number
  raw(length: number): Uint8Array
  /** UTF-8 */
  text(length: number): string
  /** text up to the next newline, which is skipped */
  line(): string
}

export function cursor(bytes: Uint8Array, start: number): PickleBytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = start
  const take = (length: number): number => {
    if (length < 0 || at + length > bytes.length) refuse('the pickle ends in the middle: truncated')
    at += length
    return at - length
  }
  const raw = (length: number): Uint8Array => {
    const from = take(length)
    return bytes.subarray(from, from + length)
  }
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const text = (length: number): string => {
    try {
      return utf8.decode(raw(length))
    } catch (error) {
      if (error instanceof PickleRefused) throw error
      return refuse('a string is not UTF-8')
    }
  }
  return {
    position: () => at,
    u8: () => view.getUint8(take(1)),
    u16: () => view.getUint16(take(2), true),
    u32: () => view.getUint32(take(4), true),
    i32: () => view.getInt32(take(4), true),
    u64: () => Number(view.getBigUint64(take(8), true)),
    f64: () => view.getFloat64(take(8), false),
    raw,
    text,
    line: () => {
      const end = bytes.indexOf(10, at)
      if (end < 0) refuse('the pickle ends in the middle: truncated')
      const result = text(end - at)
      take(1)
      return result
    },
  }
}

/** LONG1, LONG4: two's complement, little-endian. */
export function longOf(bytes: Uint8Array): number | bigint {
  let value = 0n
  for (const byte of [...bytes].reverse()) value = (value << 8n) | BigInt(byte)
  if (bytes.length > 0 && bytes.at(-1)! & 0x80) value -= 1n << BigInt(8 * bytes.length)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Numbers in text, as protocol 0 writes them. */
export function numberOf(text: string): number | boolean {
  if (text === '00' || text === '01') return text === '01'
  const value = Number(text.replace(/L$/, ''))
  return text.trim() === '' || Number.isNaN(value)
    ? refuse(`"${text.slice(0, 40)}" is no number`)
    : value
}
