// The key-value cache of some lanes, in arrays that the decoding program reads in place.
// Letters: B lanes, C slots of room, N key heads, D head width.
import type { Tensors } from '../graph/tensor'

export interface CacheShape {
  readonly layers: number
  readonly keyHeads: number
  readonly headDim: number
}

/** One layer: [B, N, C, D] each. */
interface LayerCache {
  readonly k: Float32Array
  readonly v: Float32Array
}

export interface Cache {
  readonly shape: CacheShape
  readonly lanes: number
  /** slots that each lane has room for, C */
  readonly room: number
  /** [B]: slots in use */
  readonly lengths: Int32Array
  readonly layers: readonly LayerCache[]
}

/** Room grows in steps of this many slots: the program computes scores for all of the room. */
const roomStep = 64

export function emptyCache(shape: CacheShape, lanes: number, room = 1): Cache {
  const { keyHeads, headDim } = shape
  const size = lanes * keyHeads * room * headDim
  const layers = Array.from({ length: shape.layers }, () => ({
    k: new Float32Array(size),
    v: new Float32Array(size),
  }))
  return { shape, lanes, room, lengths: new Int32Array(lanes), layers }
}

/** Copies the slots in use of lane `from` to lane `to` of another cache. */
function copyLane(source: Cache, from: number, target: Cache, to: number): void {
  const { keyHeads, headDim } = source.shape
  const used = source.lengths[from]! * headDim
  target.lengths[to] = source.lengths[from]!
  for (const [i, layer] of source.layers.entries())
    for (let head = 0; head < keyHeads; head++) {
      const start = (from * keyHeads + head) * source.room * headDim
      const place = (to * keyHeads + head) * target.room * headDim
      target.layers[i]!.k.set(layer.k.subarray(start, start + used), place)
      target.layers[i]!.v.set(layer.v.subarray(start, start + used), place)
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
    for (let b = 0; b < result.lanes; b++)
      for (let head = 0; head < keyHeads; head++) {
        const start = (b * keyHeads + head) * width * headDim
        const end = start + counts[b]! * headDim
        const slot = (b * keyHeads + head) * result.room + result.lengths[b]!
        layer.k.set(k.subarray(start, end), slot * headDim)
        layer.v.set(v.subarray(start, end), slot * headDim)
      }
  }
  for (let b = 0; b < result.lanes; b++) result.lengths[b]! += counts[b]!
  return result
}
