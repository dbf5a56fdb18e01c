// TensorBoard's container: records of [u64 length][masked crc32c of it][data][masked crc32c of it], little-endian
// (TensorFlow's TFRecord). Knows nothing of what is inside.
import crc32c from 'crc-32/crc32c'

const headBytes = 12
const tailBytes = 4

/** A checksum over bytes that hold checksums is weak, so it is rotated and shifted (TensorFlow, crc32c.h). */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** One record around `data`. */
export function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(headBytes + data.length + tailBytes)
  const view = new DataView(record.buffer)
  view.setUint32(0, data.length, true)
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true)
  record.set(data, headBytes)
  view.setUint32(headBytes + data.length, maskedCrc(data), true)
  return record
}

export interface Records {
  readonly records: readonly Uint8Array[]
  /** why reading stopped before the end, or undefined */
  readonly problem: string | undefined
}

/** A longer record is none: the largest hold a picture. Bytes. */
const longestRecord = 64 << 20

export interface Unframer {
  /** the records that are whole with this part of the file; none after a damaged one */
  push(part: Uint8Array): Uint8Array[]
  /** nothing more comes of it: the rest need not be read */
  stopped(): boolean
  /** @param size of the file. @returns why reading stopped before its end */
  end(size: number): string | undefined
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Length of the record that begins here, or what is wrong with its head. */
function lengthOf(head: Uint8Array): number | string {
  const view = viewOf(head)
  if (view.getUint32(8, true) !== maskedCrc(head.subarray(0, 8)))
    return 'wrong checksum of a length'
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
  return length > longestRecord ? `a record of ${length} bytes` : length
}

/** Records of a file that comes in parts; a torn or damaged one ends the reading, as in TensorBoard. */
export function unframer(): Unframer {
  let parts: Uint8Array[] = []
  let held = 0
  let needed = headBytes
  let at = 0
  let count = 0
  let problem: string | undefined
  let cut = 'cut off in the head of a record'

  function take(bytes: Uint8Array): Uint8Array[] {
    const records: Uint8Array[] = []
    let from = 0
    for (;;) {
      needed = headBytes
      cut = 'cut off in the head of a record'
      const left = bytes.subarray(from)
      if (left.length < needed) break
      const length = lengthOf(left)
      if (typeof length === 'string') {
        problem = length
        break
      }
      needed = headBytes + length + tailBytes
      cut = `cut off inside a record of ${length} bytes`
      if (left.length < needed) break
      const data = left.subarray(headBytes, headBytes + length)
      if (viewOf(left).getUint32(headBytes + length, true) !== maskedCrc(data)) {
        problem = 'wrong checksum of a record'
        break
      }
      records.push(data)
      count += 1
      from += needed
      at += needed
    }
    parts = [bytes.slice(from)]
    held = bytes.length - from
    return records
  }
  return {
    push: part => {
      if (problem !== undefined) return []
      parts.push(part)
      held += part.length
      return held < needed ? [] : take(parts.length === 1 ? part : Buffer.concat(parts))
    },
    stopped: () => problem !== undefined,
    end: size => {
      if (problem === undefined && held === 0) return undefined
      return `${problem ?? cut} at byte ${at} of ${size}, after ${count} records`
    },
  }
}

/** All whole records from the front. */
export function unframe(bytes: Uint8Array): Records {
  const { push, end } = unframer()
  return { records: push(bytes), problem: end(bytes.length) }
}
