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

/** All whole records from the front; a torn or damaged one ends the reading, as in TensorBoard. */
export function unframe(bytes: Uint8Array): Records {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: Uint8Array[] = []
  let at = 0
  const stop = (what: string): Records => ({
    records,
    problem: `${what} at byte ${at} of ${bytes.length}, after ${records.length} records`,
  })
  while (at < bytes.length) {
    if (at + headBytes > bytes.length) return stop('cut off in the head of a record')
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8)))
      return stop('wrong checksum of a length')
    const length = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
    const end = at + headBytes + length
    if (end + tailBytes > bytes.length) return stop(`cut off inside a record of ${length} bytes`)
    const data = bytes.subarray(at + headBytes, end)
    if (view.getUint32(end, true) !== maskedCrc(data)) return stop('wrong checksum of a record')
    records.push(data)
    at = end + tailBytes
  }
  return { records, problem: undefined }
}
