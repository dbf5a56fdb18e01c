// The key-value cache of some lanes, in arrays that the decoding program reads in place.
// Letters: B lanes, C slots of room, N key heads, D head width.
import type { Tensors } from '../graph/tensor'

export interface CacheShape {
  readonly keyHeads: number
  readonly headDim: number
  /** one a layer: a windowed layer keeps the slots of its window and a few more, not all */
  readonly windows: readonly (number | undefined)[]
}

/** One layer: [B, N, C, D] each. Position p lies in slot p mod C. */
interface LayerCache {
  readonly room: number
  readonly k: Float32Array
  readonly v: Float32Array
}

export interface Cache {
  readonly shape: CacheShape
  readonly lanes: number
  /** slots that each lane has room for, C, in layers without a window */
  readonly room: number
  /** [B]: slots in use */
  readonly lengths: Int32Array
  /** [B]: the longest that each lane has been: beyond its length lie slots that were taken back */
  readonly reached: Int32Array
  readonly layers: readonly LayerCache[]
}

/** Room grows in steps of this many slots: the program computes scores for all of the room. */
const roomStep = 64
/** Slots beyond the window that a windowed layer keeps, so that a lane can be taken back by as many. */
const spare = 64

/** Slots of a layer's room in a cache of so much room. */
export const layerRoom = (room: number, window: number | undefined): number =>
  window === undefined ? room : Math.min(room, window + spare)

export function emptyCache(shape: CacheShape, lanes: number, room = 1): Cache {
  const { keyHeads, headDim, windows } = shape
  const layers = windows.map(window => {
    const own = layerRoom(room, window)
    const size = lanes * keyHeads * own * headDim
    return { room: own, k: new Float32Array(size), v: new Float32Array(size) }
  })
  const [lengths, reached] = [new Int32Array(lanes), new Int32Array(lanes)]
  return { shape, lanes, room, lengths, reached, layers }
}

/**
 * A cache of one lane whose slots from `length` on are taken back; undefined when a window would have to show slots
 * that are kept no more. The old one must not be used again.
 */
export function shortened(cache: Cache, length: number): Cache | undefined {
  const reached = cache.reached[0]!
  const kept = cache.shape.windows.every((window, i) => {
    const oldest = reached - cache.layers[i]!.room
    return window === undefined || oldest <= Math.max(0, length - window + 1)
  })
  return kept ? { ...cache, lengths: Int32Array.of(length) } : undefined
}

/** Runs of slots that follow each other: positions from…to of a layer's room, each as [slot, position, count]. */
function runsOf(
  room: number,
  from: number,
  to: number,
): [slot: number, at: number, count: number][] {
  const first = Math.max(from, to - room)
  if (first >= to) return []
  const slot = first % room
  const count = Math.min(to - first, room - slot)
  const rest: [number, number, number][] =
    first + count < to ? [[0, first + count, to - first - count]] : []
  return [[slot, first, count], ...rest]
}

/** Copies the slots in use of lane `from` to lane `to` of another cache. */
function copyLane(source: Cache, from: number, target: Cache, to: number): void {
  const { keyHeads, headDim } = source.shape
  const length = source.lengths[from]!
  target.lengths[to] = length
  target.reached[to] = source.reached[from]!
  for (const [i, layer] of source.layers.entries()) {
    const other = target.layers[i]!
    for (const [slot, at, count] of runsOf(layer.room, Math.max(0, length - other.room), length))
      for (const [place, start, some] of runsOf(other.room, at, at + count))
        for (let head = 0; head < keyHeads; head++) {
          const first = (from * keyHeads + head) * layer.room + slot + start - at
          const there = (to * keyHeads + head) * other.room + place
          const part = (x: Float32Array): Float32Array =>
            x.subarray(first * headDim, (first + some) * headDim)
          other.k.set(part(layer.k), there * headDim)
          other.v.set(part(layer.v), there * headDim)
        }
  }
}

/** A cache of the lanes `kept`, in that order, with at least so much room. */
export function rearranged(cache: Cache, kept: readonly number[], room = cache.room): Cache {
  const result = emptyCache(cache.shape, kept.length, room)
  for (const [to, from] of kept.entries()) copyLane(cache, from, result, to)
  return result
}

/** Room for so many more slots in each lane; the same cache when it is there already. */
function withRoom(cache: Cache, counts: ArrayLike<number>): Cache {
  const needed = cache.lengths.reduce((most, length, b) => Math.max(most, length + counts[b]!), 0)
  if (needed <= cache.room) return cache
  const room = Math.ceil((needed + roomStep / 2) / roomStep) * roomStep
  const all = Array.from({ length: cache.lanes }, (_, b) => b)
  return rearranged(cache, all, room)
}

/**
 * The cache with fresh slots put behind those in use; the old one must not be used any more.
 * @param fresh freshK0, freshV0 … [B, N, Q, D] of the decoding program
 * @param width Q @param counts how many of each lane's Q slots are real
 */
export function appended(
  cache: Cache,
  fresh: Tensors,
  width: number,
  counts: ArrayLike<number>,
): Cache {
  const result = withRoom(cache, counts)
  const { keyHeads, headDim } = cache.shape
  for (const [i, layer] of result.layers.entries()) {
    const k = fresh[`freshK${i}`]!.data as Float32Array
    const v = fresh[`freshV${i}`]!.data as Float32Array
    for (let b = 0; b < result.lanes; b++) {
      const length = result.lengths[b]!
      for (const [slot, at, count] of runsOf(layer.room, length, length + counts[b]!))
        for (let head = 0; head < keyHeads; head++) {
          const start = ((b * keyHeads + head) * width + at - length) * headDim
          const place = ((b * keyHeads + head) * layer.room + slot) * headDim
          layer.k.set(k.subarray(start, start + count * headDim), place)
          layer.v.set(v.subarray(start, start + count * headDim), place)
        }
    }
  }
  for (let b = 0; b < result.lanes; b++) {
    result.lengths[b]! += counts[b]!
    result.reached[b] = Math.max(result.reached[b]!, result.lengths[b]!)
  }
  return result
}
