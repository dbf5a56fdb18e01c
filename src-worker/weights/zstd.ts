// zstd, part by part: some bytes of it can stand for gigabytes, and zstd-napi's own stream makes all that its input
// stands for before anybody has taken the first of it.
import { setImmediate } from 'node:timers/promises'
import { DCtx, DParameter } from 'zstd-napi/binding'

/** Largest window a frame may ask for: 2²⁹ bytes; a larger single allocation can end an Electron process. */
const windowLogMax = 29
const partBytes = 256 << 10
/** Parts between two turns of the event loop: about 16 MB, some ten milliseconds. */
const partsAtOnce = 64

export interface Inflater {
  /** what these bytes stand for; to be taken to its end before the next ones */
  parts(bytes: Uint8Array): AsyncGenerator<Buffer>
  /** the bytes so far end inside a frame */
  midFrame(): boolean
}

/** Any number of frames, one after another. Errors of `parts`: zstd's own words. */
export function zstdInflater(): Inflater {
  const context = new DCtx()
  context.setParameter(DParameter.windowLogMax, windowLogMax)
  let inFrame = false
  let count = 0
  async function* parts(bytes: Uint8Array): AsyncGenerator<Buffer> {
    for (let rest = bytes; ; ) {
      const part = Buffer.allocUnsafe(partBytes)
      const [left, produced, consumed] = context.decompressStream(part, rest)
      rest = rest.subarray(consumed)
      inFrame = left !== 0
      if (produced > 0) yield part.subarray(0, produced)
      if (++count % partsAtOnce === 0) await setImmediate()
      if (rest.length === 0 && (produced < part.length || left === 0)) return
    }
  }
  return { parts, midFrame: () => inFrame }
}

/** A whole stream. Error when it ends in the middle of a frame. */
export async function* zstdBytes(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const { parts, midFrame } = zstdInflater()
  for await (const chunk of source) yield* parts(chunk)
  if (midFrame()) throw new Error('Stream ended in middle of compressed data frame')
}
