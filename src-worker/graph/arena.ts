// onnxruntime's arena of a device (core/framework/bfc_arena.cc) with its default settings: what it takes from the device for
// what it is asked for, in which order. Blocks are of 1, 2, 4 … MiB up to one GiB, and are never given back.
import type { Memory } from './live-bytes'

const granule = 256
const smallestBin = 8 // 2⁸ bytes
const mebibyte = 2 ** 20
const largestBlock = 2 ** 30
/** A chunk that is larger than asked for by so much, or twice as large, is cut. */
const mostSpare = 128 * mebibyte

interface Chunk {
  bytes: number
  free: boolean
  /** bytes that were asked for */
  used: number
  readonly at: number
  before: Chunk | undefined
  after: Chunk | undefined
}

export interface Arena extends Memory<Chunk> {
  /** bytes of its blocks */
  readonly total: () => number
  /** most bytes that were held at once */
  readonly most: () => number
}

const binOf = (bytes: number): number => Math.floor(Math.log2(bytes)) - smallestBin
const bestFirst = (a: Chunk, b: Chunk): number =>
  binOf(a.bytes) - binOf(b.bytes) || a.bytes - b.bytes || a.at - b.at

const chunkOf = (bytes: number, at: number): Chunk => ({
  ...{ bytes, at, free: true, used: 0 },
  ...{ before: undefined, after: undefined },
})

function split(chunk: Chunk, bytes: number): Chunk {
  const { after } = chunk
  const rest = { ...chunkOf(chunk.bytes - bytes, chunk.at + bytes), before: chunk, after }
  if (after !== undefined) after.before = rest
  chunk.bytes = bytes
  chunk.after = rest
  return rest
}

function joined(left: Chunk, right: Chunk): void {
  left.bytes += right.bytes
  left.after = right.after
  if (right.after !== undefined) right.after.before = left
}

/** Takes blocks from the device, each twice as large as the one before. */
function grower(): { extend: (bytes: number) => Chunk; total: () => number } {
  let [total, next] = [0, mebibyte]
  const extend = (bytes: number): Chunk => {
    const grown = bytes > next
    while (next < bytes && next < largestBlock) next *= 2
    const size = Math.max(bytes, next)
    if (!grown || total === 0) next = Math.min(2 * next, largestBlock)
    const chunk = chunkOf(size, total)
    total += size
    return chunk
  }
  return { extend, total: () => total }
}

/** Bytes of the blocks that hold so many. */
export function blocksFor(needed: number): number {
  const { extend, total } = grower()
  while (total() < needed) extend(granule)
  return total()
}

export function arena(): Arena {
  const spare = new Set<Chunk>()
  const { extend, total } = grower()
  let [live, most] = [0, 0]
  const fitting = (bytes: number): Chunk | undefined => {
    let best: Chunk | undefined
    for (const chunk of spare)
      if (chunk.bytes >= bytes && (best === undefined || bestFirst(chunk, best) < 0)) best = chunk
    return best
  }
  const take = (asked: number): Chunk => {
    const bytes = Math.max(1, Math.ceil(asked / granule)) * granule
    const chunk = fitting(bytes) ?? extend(bytes)
    spare.delete(chunk)
    if (chunk.bytes >= 2 * bytes || chunk.bytes - bytes >= mostSpare) spare.add(split(chunk, bytes))
    chunk.free = false
    chunk.used = bytes
    live += bytes
    most = Math.max(most, live)
    return chunk
  }
  const give = (chunk: Chunk): void => {
    live -= chunk.used
    chunk.free = true
    const { before, after } = chunk
    const merges = before?.free === true
    if (after?.free === true) {
      spare.delete(after)
      joined(chunk, after)
    }
    if (merges) joined(before, chunk)
    spare.add(merges ? before : chunk)
  }
  return { take, give, total, most: () => most }
}
