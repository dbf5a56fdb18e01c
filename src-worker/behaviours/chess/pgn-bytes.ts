// A .pgn file, or one that zstd, gzip or bzip2 packed, as plain bytes in file order, a megabyte at a time. Several
// zstd frames are one stream. Unlike bytes.ts it reports how far into the file it is, and a file that was cut short gives all that came before.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { PassThrough, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import unbzip2 from 'unbzip2-stream'
import { Fault } from '../../contract/fault'
import { firstBytes } from '../../dataset/bytes'
import { otherForm } from '../../dataset/encodings'
import { sizeOfFile } from '../../weights/plain-file'
import { type Inflater, zstdInflater } from '../../weights/zstd'

const chunkBytes = 1 << 20

export interface ByteChunk {
  readonly bytes: Buffer
  /** bytes of the file read so far, for progress */
  readonly position: number
}

export interface ByteSource {
  readonly size: number
  /** ends early (never throws) where a zstd frame is cut; `truncated` then says so */
  chunks(signal?: AbortSignal): AsyncGenerator<ByteChunk>
  truncated(): boolean
}

/** 0xFD2FB528 begins a frame, 0x184D2A50 … 5F one to be skipped. */
const isZstd = (head: Buffer): boolean => {
  if (head.length < 4) return false
  const magic = head.readUInt32LE(0)
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50
}

/** @throws Fault not-found, disk; while reading: bad-file (corrupt zstd), cancelled */
export async function openBytes(path: string): Promise<ByteSource> {
  const size = await sizeOfFile(path)
  const state = { truncated: false }
  return {
    size,
    chunks: signal => decompressed(path, state, signal),
    truncated: () => state.truncated,
  }
}

async function* fileChunks(path: string, signal?: AbortSignal): AsyncGenerator<ByteChunk> {
  const file = await open(path)
  try {
    for (let position = 0; ; ) {
      stopIf(signal)
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes)
      if (bytesRead === 0) return
      position += bytesRead
      yield { bytes: buffer.subarray(0, bytesRead), position }
    }
  } finally {
    await file.close()
  }
}

interface Unpacking {
  readonly plain: Readable
  /** why it ended before the end of the file, once all that came before was passed on */
  readonly failure: () => Error | undefined
}

/** The library reads past the end of a file that is cut, and says so in words of its own or in none. */
function bzip2Failure(error: Error): Error {
  if (/gave up/.test(error.message)) return new Error('a block of it is damaged', { cause: error })
  const isCut = error instanceof TypeError || /prematurely/.test(error.message)
  return isCut ? new Error('unexpected end of its data', { cause: error }) : error
}

/** Compressions that stream through a library of their own; zstd is recognised by its frames. */
const unpackers = {
  gzip: (source: Readable): Unpacking => ({
    plain: source.pipe(createGunzip()),
    failure: () => undefined,
  }),
  bzip2: (source: Readable): Unpacking => {
    const plain = new PassThrough()
    let failure: Error | undefined
    const blocks = unbzip2().on('error', (error: Error) => {
      failure = bzip2Failure(error)
      // a stream that is destroyed drops what waits in it
      plain.end()
    })
    source.pipe(blocks).pipe(plain)
    return { plain, failure: () => failure }
  },
} as const
type Packed = keyof typeof unpackers

async function packedAs(path: string): Promise<Packed | undefined> {
  const head = await firstBytes(path, 3)
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  return head.toString('latin1') === 'BZh' ? 'bzip2' : undefined
}

/** A file that is cut ends early; one that is broken before its end is a fault. */
async function* unpacked(
  path: string,
  packed: Packed,
  state: { truncated: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<ByteChunk> {
  const source = createReadStream(path, { highWaterMark: chunkBytes })
  const { plain, failure } = unpackers[packed](source)
  try {
    for await (const bytes of plain) {
      stopIf(signal)
      yield { bytes: bytes as Buffer, position: source.bytesRead }
    }
    const failed = failure()
    if (failed !== undefined) throw failed
  } catch (error) {
    if (error instanceof Fault) throw error
    const why = error instanceof Error ? error.message : String(error)
    if (!/unexpected end/i.test(why)) throw corrupt(path, error, packed)
    state.truncated = true
  } finally {
    source.destroy()
  }
}

/** The bytes of games, refused where they are no text. */
async function* decompressed(
  path: string,
  state: { truncated: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<ByteChunk> {
  let isFirst = true
  for await (const chunk of unpackedBytes(path, state, signal)) {
    const other = isFirst ? otherForm(path, chunk.bytes) : undefined
    if (other !== undefined) throw other
    isFirst = false
    yield chunk
  }
}

async function* unpackedBytes(
  path: string,
  state: { truncated: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<ByteChunk> {
  const packed = await packedAs(path)
  if (packed !== undefined) {
    yield* unpacked(path, packed, state, signal)
    return
  }
  let inflater: Inflater | undefined
  let first = true
  for await (const chunk of fileChunks(path, signal)) {
    if (first && isZstd(chunk.bytes)) inflater = zstdInflater()
    first = false
    if (inflater === undefined) yield chunk
    else yield* inflated(path, inflater, chunk)
  }
  state.truncated = inflater?.midFrame() === true
}

async function* inflated(
  path: string,
  { parts }: Inflater,
  { bytes, position }: ByteChunk,
): AsyncGenerator<ByteChunk> {
  try {
    for await (const plain of parts(bytes)) yield { bytes: plain, position }
  } catch (error) {
    throw error instanceof Fault ? error : corrupt(path, error)
  }
}

function corrupt(path: string, cause: unknown, kind = 'zstd'): Fault {
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `${path} is not valid ${kind}: ${why}`
  return new Fault('bad-file', message, 'Download the file again.', { cause })
}

/** @throws Fault cancelled */
export function stopIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new Fault('cancelled', 'reading the games was stopped', 'Start again when you like.')
}
