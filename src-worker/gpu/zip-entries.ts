// Single entries out of a wheel on disk, unpacked as a stream: a wheel holds hundreds of megabytes.
// Reads the zip's directory; 64-bit zips and encryption do not occur in wheels and are refused.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'
import { Fault } from '../contract/fault'
import { replaceFile, temporaryPath } from '../weights/atomic'

export interface ZipEntry {
  readonly name: string
  readonly bytes: number
  readonly packedBytes: number
  readonly deflated: boolean
  /** where its local header begins */
  readonly at: number
}

const endSignature = 0x06054b50
const entrySignature = 0x02014b50
const localSignature = 0x04034b50
const endBytes = 22
const longestComment = 65_535
const localHeaderBytes = 30

const damaged = (path: string, why: string): Fault =>
  new Fault('bad-file', `${basename(path)}: ${why}`, 'Run `spw gpu install` again.')

async function readAt(file: FileHandle, at: number, length: number): Promise<DataView> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, at)
  return new DataView(bytes.buffer, 0, bytesRead)
}

/** The directory's bytes and how many entries it has. */
async function directory(file: FileHandle, path: string) {
  const { size } = await file.stat()
  const from = Math.max(0, size - endBytes - longestComment)
  const tail = await readAt(file, from, size - from)
  let at = tail.byteLength - endBytes
  while (at >= 0 && tail.getUint32(at, true) !== endSignature) at--
  if (at < 0) throw damaged(path, 'it is not a zip file, or cut off')
  const length = tail.getUint32(at + 12, true)
  const start = tail.getUint32(at + 16, true)
  if (start + length > size) throw damaged(path, 'its directory lies outside the file')
  return { view: await readAt(file, start, length), count: tail.getUint16(at + 10, true) }
}

/** @throws Fault 'bad-file' */
export async function zipEntries(path: string): Promise<readonly ZipEntry[]> {
  const file = await open(path, 'r')
  try {
    const { view, count } = await directory(file, path)
    const entries: ZipEntry[] = []
    for (let i = 0, at = 0; i < count; i++) {
      if (at + 46 > view.byteLength || view.getUint32(at, true) !== entrySignature)
        throw damaged(path, 'its directory is damaged')
      const method = view.getUint16(at + 10, true)
      const nameBytes = view.getUint16(at + 28, true)
      const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, nameBytes))
      if ((view.getUint16(at + 8, true) & 1) !== 0 || (method !== 0 && method !== 8))
        throw damaged(path, `its entry ${name} is packed in a way that wheels do not use`)
      entries.push({
        name,
        packedBytes: view.getUint32(at + 20, true),
        bytes: view.getUint32(at + 24, true),
        deflated: method === 8,
        at: view.getUint32(at + 42, true),
      })
      at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    }
    return entries
  } finally {
    await file.close()
  }
}

/** The unpacked bytes of an entry, as a stream. */
async function unpacked(path: string, { at, packedBytes, deflated, name }: ZipEntry) {
  const file = await open(path, 'r')
  const header = await readAt(file, at, localHeaderBytes).finally(() => file.close())
  if (header.byteLength < localHeaderBytes || header.getUint32(0, true) !== localSignature)
    throw damaged(path, `its entry ${name} is not where the directory says`)
  if (packedBytes === 0) return [Readable.from([])]
  const start = at + localHeaderBytes + header.getUint16(26, true) + header.getUint16(28, true)
  const range = { start, end: start + packedBytes - 1, highWaterMark: 1 << 20 }
  const source = createReadStream(path, range)
  return deflated ? [source, createInflateRaw({ chunkSize: 1 << 20 })] : [source]
}

/** A small entry as text. */
export async function entryText(path: string, entry: ZipEntry): Promise<string> {
  const parts: Buffer[] = []
  const keep = new Writable({
    write: (chunk: Buffer, _, done) => {
      parts.push(chunk)
      done()
    },
  })
  await pipeline([...(await unpacked(path, entry)), keep])
  return Buffer.concat(parts).toString('utf8')
}

/**
 * Unpacks an entry into a file, whole or not at all.
 * @returns the sha256 of what was written, lower-case hexadecimal
 * @throws Fault 'bad-file' for a damaged entry
 */
export async function extractEntry(
  path: string,
  entry: ZipEntry,
  target: string,
  signal?: AbortSignal,
): Promise<string> {
  await mkdir(dirname(target), { recursive: true })
  const temporary = temporaryPath(target)
  const hash = createHash('sha256')
  let written = 0
  const count = new Transform({
    transform: (chunk: Buffer, _, done) => {
      hash.update(chunk)
      written += chunk.length
      done(null, chunk)
    },
  })
  try {
    const streams = [...(await unpacked(path, entry)), count, createWriteStream(temporary)]
    await pipeline(streams, signal === undefined ? {} : { signal })
    if (written !== entry.bytes)
      throw damaged(path, `${entry.name} unpacks to ${written} bytes instead of ${entry.bytes}`)
    const file = await open(temporary, 'r+')
    await file.sync().finally(() => file.close())
    await replaceFile(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true
      ? damaged(path, `its entry ${entry.name} does not unpack`)
      : error
  }
  return hash.digest('hex')
}
