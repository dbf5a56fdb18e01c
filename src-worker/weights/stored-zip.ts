// The zip files that torch.save writes: entries stored, not compressed. Others are refused.
// Sizes come from the central directory and are checked against the file; contents are checked by their CRC.
import CRC32 from 'crc-32'

/** Why a zip was refused; the caller turns it into a fault that names the file. */
export class ZipRefused extends Error {}

const refuse = (what: string): never => {
  throw new ZipRefused(what)
}

const endSignature = 0x06054b50
const entrySignature = 0x02014b50
const localSignature = 0x04034b50

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

/** Position of the end record: it is the last thing but a comment of at most 65535 bytes. */
function endRecord(view: DataView): number {
  const first = Math.max(0, view.byteLength - 22 - 65535)
  for (let at = view.byteLength - 22; at >= first; at--)
    if (view.getUint32(at, true) === endSignature) return at
  return refuse('its directory is missing: truncated')
}

interface Entry {
  readonly name: string
  readonly size: number
  readonly crc: number
  readonly local: number
  readonly next: number
}

function readEntry(view: DataView, at: number): Entry {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== entrySignature)
    return refuse('its directory is damaged')
  const u16 = (offset: number): number => view.getUint16(at + offset, true)
  const u32 = (offset: number): number => view.getUint32(at + offset, true)
  const [nameLength, extra, comment] = [u16(28), u16(30), u16(32)]
  const next = at + 46 + nameLength + extra + comment
  if (next > view.byteLength) return refuse('its directory is damaged')
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength)
  const name = new TextDecoder().decode(bytes)
  if ((u16(8) & 1) !== 0) return refuse(`its entry ${name} is encrypted`)
  if (u16(10) !== 0 || u32(20) !== u32(24)) return refuse(`its entry ${name} is compressed`)
  return { name, size: u32(24), crc: u32(16), local: u32(42), next }
}

/** The bytes of one entry, a view into the file. */
function content(view: DataView, entry: Entry): Uint8Array {
  const { name, local, size, crc } = entry
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== localSignature)
    return refuse(`its entry ${name} is not where the directory says`)
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  if (start + size > view.byteLength) return refuse(`its entry ${name} is cut off`)
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, size)
  if (CRC32.buf(bytes) >>> 0 !== crc) return refuse(`its entry ${name} is damaged (wrong CRC)`)
  return bytes
}

/** All entries by name. */
export function readStoredZip(file: Uint8Array): ReadonlyMap<string, Uint8Array> {
  if (file.length < 22) return refuse('its directory is missing: truncated')
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const end = endRecord(view)
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  const entries = new Map<string, Uint8Array>()
  for (let i = 0; i < count; i++) {
    const entry = readEntry(view, at)
    if (entries.has(entry.name)) return refuse(`it has two entries ${entry.name}`)
    entries.set(entry.name, content(view, entry))
    at = entry.next
  }
  return entries
}
