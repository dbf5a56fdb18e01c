// A .pgn or .pgn.zst file as plain bytes in file order, a megabyte at a time. Several zstd frames are one stream.
import { open } from 'node:fs/promises'
// CommonJS without named exports: only the default import works everywhere
import zstd from 'zstd-napi/binding.js'
import { asFault, Fault } from '../contract/fault'

const chunkBytes = 1 << 20
const zstdMagic = 0xfd2fb528
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

/** Decompress one chunk: each answer is a view of a fresh buffer. `ended` tells whether a frame ended. */
function* inflate(
  context: zstd.DCtx,
  source: Buffer,
  state: { inFrame: boolean },
): Generator<Buffer> {
  let rest = source
  for (;;) {
    const target = Buffer.allocUnsafe(chunkBytes)
    const [hint, produced, consumed] = context.decompressStream(target, rest)
    rest = rest.subarray(consumed)
    state.inFrame = hint !== 0
    if (produced > 0) yield target.subarray(0, produced)
    if (rest.length === 0 && (produced < target.length || hint === 0)) return
  }
}

const isZstd = (head: Buffer): boolean => {
  if (head.length < 4) return false
  const magic = head.readUInt32LE(0)
  return magic === zstdMagic || (magic & 0xfffffff0) >>> 0 === 0x184d2a50
}

/** @throws Fault not-found, disk; while reading: bad-file (corrupt zstd), cancelled */
export async function openBytes(path: string): Promise<ByteSource> {
  const file = await open(path).catch(error => {
    throw asFault(error)
  })
  const { size } = await file.stat()
  await file.close()
  const state = { inFrame: false }
  return { size, chunks: signal => readChunks(path, state, signal), truncated: () => state.inFrame }
}

async function* readChunks(
  path: string,
  state: { inFrame: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<ByteChunk> {
  const file = await open(path)
  try {
    let context: zstd.DCtx | undefined
    let position = 0
    for (;;) {
      stopIf(signal)
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes)
      if (bytesRead === 0) return
      const bytes = buffer.subarray(0, bytesRead)
      if (position === 0 && isZstd(bytes)) {
        context = new zstd.DCtx()
        context.setParameter(zstd.DParameter.windowLogMax, windowLogMax)
      }
      position += bytesRead
      if (context === undefined) yield { bytes, position }
      else for (const part of inflated(context, bytes, state, path)) yield { bytes: part, position }
    }
  } finally {
    await file.close()
  }
}

function* inflated(
  context: zstd.DCtx,
  bytes: Buffer,
  state: { inFrame: boolean },
  path: string,
): Generator<Buffer> {
  try {
    yield* inflate(context, bytes, state)
  } catch (cause) {
    throw new Fault(
      'bad-file',
      `${path} is not valid zstd: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Download the file again.',
      { cause },
    )
  }
}

/** @throws Fault cancelled */
export function stopIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new Fault('cancelled', 'reading the games was stopped', 'Start again when you like.')
}
