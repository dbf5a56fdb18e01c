// A .pgn or .pgn.zst file as plain bytes in file order, a megabyte at a time. Several zstd frames are one stream.
// Unlike bytes.ts it reports how far into the file it is, and a file that was cut short gives all that came before.
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { DecompressStream } from 'zstd-napi'
import { asFault, Fault } from '../../contract/fault'

const chunkBytes = 1 << 20
/** Largest window a frame may ask for: 2²⁹ bytes; a larger single allocation can end an Electron process. */
const windowLogMax = 29

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
  const file = await open(path).catch(error => {
    throw asFault(error)
  })
  const { size } = await file.stat()
  await file.close()
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

/** Decompresses what it is given; reads are synchronous, so that nothing is lost when the file ends too early. */
interface Inflater {
  push(bytes: Buffer): Promise<Buffer | null>
  /** whether the last frame was whole */
  end(): Promise<boolean>
}

function inflater(path: string): Inflater {
  const stream = new DecompressStream({ windowLogMax })
  let failure: Error | undefined
  stream.on('error', error => {
    failure = error
  })
  return {
    push: async bytes => {
      const written = new Promise<void>(resolve => stream.write(bytes, () => resolve()))
      const read = stream.read() as Buffer | null
      await written
      if (failure !== undefined || stream.errored !== null)
        throw corrupt(path, failure ?? stream.errored)
      return read
    },
    end: async () => {
      stream.resume()
      stream.end()
      // what is missing is the only thing that can be wrong now
      await once(stream, 'close').catch(() => undefined)
      return failure === undefined
    },
  }
}

async function* decompressed(
  path: string,
  state: { truncated: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<ByteChunk> {
  let inflating: Inflater | undefined
  let first = true
  for await (const { bytes, position } of fileChunks(path, signal)) {
    if (first && isZstd(bytes)) inflating = inflater(path)
    first = false
    const plain = inflating === undefined ? bytes : await inflating.push(bytes)
    if (plain !== null) yield { bytes: plain, position }
  }
  if (inflating !== undefined) state.truncated = !(await inflating.end())
}

function corrupt(path: string, cause: unknown): Fault {
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `${path} is not valid zstd: ${why}`
  return new Fault('bad-file', message, 'Download the file again.', { cause })
}

/** @throws Fault cancelled */
export function stopIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new Fault('cancelled', 'reading the games was stopped', 'Start again when you like.')
}
