// A file's bytes, decompressed as its first bytes say (zstd with any number of frames, gzip with any number of
// members). Streaming: nothing is held but a chunk.
import { createReadStream, type ReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { asFault, Fault } from '../contract/fault'
import { zstdBytes } from '../weights/zstd'
import { isHead } from './head'

export type Compression = 'zstd' | 'gzip' | 'none'

/** The first bytes of a file; fewer when it is shorter. Faults: not-found, disk. */
export async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path).catch(error => {
    throw asFault(error)
  })
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    throw asFault(error)
  } finally {
    await file.close()
  }
}

/** Skippable frames, too, begin a zstd file: 0x184D2A50 … 5F. */
const isZstd = (head: Buffer): boolean => {
  if (head.length < 4) return false
  const magic = head.readUInt32LE(0)
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50
}

export async function compressionOf(path: string): Promise<Compression> {
  const head = await firstBytes(path, 4)
  if (isZstd(head)) return 'zstd'
  return head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : 'none'
}

const expected: readonly [RegExp, Compression][] = [
  [/\.zst$/i, 'zstd'],
  [/\.gz$/i, 'gzip'],
]

/** A name that promises a compression which the bytes do not keep. */
async function checkedCompression(path: string): Promise<Compression> {
  const found = await compressionOf(path)
  const promised = expected.find(([name]) => name.test(path))?.[1]
  if (promised === undefined || promised === found) return found
  const { length } = await firstBytes(path, 1)
  const what = length === 0 ? 'is empty' : `does not begin as ${promised} does`
  const fix = 'Get the file again, or give it the name of what it is.'
  throw new Fault('bad-file', `${path} ${what} (byte 0)`, fix)
}

function plainBytes(source: ReadStream, kind: Compression): AsyncIterable<Buffer> {
  if (kind === 'zstd') return zstdBytes(source)
  // the error arrives where the stream is read
  return kind === 'gzip' ? pipeline(source, createGunzip(), () => {}) : source
}

const endsEarly = (error: unknown): boolean =>
  error instanceof Error && /middle of compressed|unexpected end of file/i.test(error.message)

function compressedFault(path: string, kind: string, at: number, cause: unknown): Fault {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  if (/^E[A-Z]+$/.test(code)) return asFault(cause)
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = endsEarly(cause)
    ? `${path} ends in the middle of its ${kind} data, at byte ${at}`
    : `${path} holds broken ${kind} data before byte ${at}: ${why}`
  return new Fault('bad-file', message, 'Get the file again.', { cause })
}

/**
 * Decompressed bytes in chunks. The head of a larger file may end anywhere.
 * Faults: bad-file (truncated or corrupt, with the byte of the file), not-found, disk.
 */
export async function* fileBytes(path: string): AsyncGenerator<Buffer> {
  const kind = await checkedCompression(path)
  const source = createReadStream(path, { highWaterMark: 256 << 10 })
  try {
    yield* plainBytes(source, kind)
  } catch (error) {
    if (kind === 'none') throw asFault(error)
    if (endsEarly(error) && isHead(path)) return
    throw compressedFault(path, kind, source.bytesRead, error)
  } finally {
    source.destroy()
  }
}
