// What a shared library needs, out of its ELF file: DT_NEEDED, DT_SONAME, DT_RUNPATH. 64-bit little endian only.
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { Fault } from '../contract/fault'

export interface SharedObject {
  /** sonames of the libraries that it is linked with */
  readonly needed: readonly string[]
  readonly soname: string
  /** where it looks for them first, with $ORIGIN; RPATH or RUNPATH, or empty */
  readonly runpath: string
}

const tags = { end: 0, needed: 1, stringTable: 5, stringBytes: 10, soname: 14, rpath: 15 } as const
const runpathTag = 29
const segments = { load: 1, dynamic: 2 } as const
const headerBytes = 64

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly bytes: number
  readonly fileBytes: number
}

/** Node ends the whole process over a position that is beyond any file: places are checked before they are read. */
async function readAt(file: FileHandle, at: number, length: number): Promise<DataView> {
  const { size } = await file.stat()
  if (!(at + length <= size)) throw new RangeError('the file ends too early')
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, at)
  if (bytesRead < length) throw new RangeError('the file ends too early')
  return new DataView(bytes.buffer)
}

const number = (view: DataView, at: number): number => Number(view.getBigUint64(at, true))

async function readSegments(file: FileHandle): Promise<readonly Segment[]> {
  const header = await readAt(file, 0, headerBytes)
  // 0x7f E L F, class 2: 64 bits, data 1: little endian
  if (header.getUint32(0) !== 0x7f454c46 || header.getUint16(4) !== 0x0201)
    throw new RangeError('it is not a 64-bit ELF file')
  const at = number(header, 32)
  const size = header.getUint16(54, true)
  const count = header.getUint16(56, true)
  const table = await readAt(file, at, size * count)
  return Array.from({ length: count }, (_, i) => ({
    type: table.getUint32(i * size, true),
    offset: number(table, i * size + 8),
    address: number(table, i * size + 16),
    bytes: number(table, i * size + 40),
    fileBytes: number(table, i * size + 32),
  }))
}

/** Pairs of tag and value, up to the end mark. */
function readDynamic(view: DataView): readonly (readonly [tag: number, value: number])[] {
  const entries: [number, number][] = []
  for (let at = 0; at + 16 <= view.byteLength; at += 16) {
    const tag = number(view, at)
    if (tag === tags.end) break
    entries.push([tag, number(view, at + 8)])
  }
  return entries
}

async function read(file: FileHandle): Promise<SharedObject> {
  const all = await readSegments(file)
  const { size } = await file.stat()
  const loaded = all.filter(s => s.type === segments.load)
  const last = loaded.reduce((end, s) => Math.max(end, s.offset + s.fileBytes), 0)
  if (last > size) throw new RangeError(`the file ends too early, after ${size} of ${last} bytes`)
  const dynamic = all.find(s => s.type === segments.dynamic)
  if (dynamic === undefined) throw new RangeError('it has no dynamic section')
  const entries = readDynamic(await readAt(file, dynamic.offset, dynamic.fileBytes))
  const valueAt = (tag: number): number | undefined => entries.find(([t]) => t === tag)?.[1]
  const address = valueAt(tags.stringTable) ?? 0
  const holder = all.find(
    s => s.type === segments.load && address >= s.address && address < s.address + s.bytes,
  )
  if (holder === undefined) throw new RangeError('its string table is not in the file')
  const at = holder.offset + address - holder.address
  const strings = await readAt(file, at, valueAt(tags.stringBytes) ?? 0)
  const stringAt = (from: number | undefined): string => {
    if (from === undefined) return ''
    const bytes = new Uint8Array(strings.buffer).subarray(from)
    return new TextDecoder().decode(bytes.subarray(0, Math.max(0, bytes.indexOf(0))))
  }
  return {
    needed: entries.filter(([tag]) => tag === tags.needed).map(([, from]) => stringAt(from)),
    soname: stringAt(valueAt(tags.soname)),
    runpath: stringAt(valueAt(runpathTag) ?? valueAt(tags.rpath)),
  }
}

/** @throws Fault 'bad-file' for anything but a shared library */
export async function readSharedObject(path: string): Promise<SharedObject> {
  const file = await open(path, 'r')
  try {
    return await read(file)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    const message = `${basename(path)} is not a shared library: ${cause.message}`
    throw new Fault('bad-file', message, 'Run `spw gpu install` again.', { cause })
  } finally {
    await file.close()
  }
}
