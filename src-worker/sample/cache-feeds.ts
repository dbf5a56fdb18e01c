// What every decoding program is fed with besides its fresh tokens: caches, their mask, rope tables.
import type { ModelFolder } from '../contract/model'
import { float32, type Tensor, type Tensors } from '../graph/tensor'
import { type RotaryTable, rotaryTable } from '../model/rope'
import type { Cache } from './cache'

/** Added to the score of a slot that must not be seen. */
export const hidden = -1e30

/** [B, 1, 1, C]: 0 at slots in use. */
export function cacheMask({ lanes, room, lengths }: Cache): Tensor {
  const mask = new Float32Array(lanes * room).fill(hidden)
  for (let b = 0; b < lanes; b++) mask.fill(0, b * room, b * room + lengths[b]!)
  return float32([lanes, 1, 1, room], mask)
}

/** k0, v0 …: [B, N, C, D], in place */
export function cacheFeeds(cache: Cache): Tensors {
  const { lanes, room, shape } = cache
  const dims = [lanes, shape.keyHeads, room, shape.headDim]
  const entries = cache.layers.flatMap(({ k, v }, i) => [
    [`k${i}`, float32(dims, k)] as const,
    [`v${i}`, float32(dims, v)] as const,
  ])
  return Object.fromEntries(entries)
}

/** Rope tables for positions up to the largest seen, made longer when needed. */
export function growingTable(folder: ModelFolder): (positions: Int32Array) => Tensors {
  let table: RotaryTable = rotaryTable(folder.config, 256)
  return positions => {
    const needed = positions.reduce((most, p) => Math.max(most, p + 1), 0)
    if (needed > table.positions) table = rotaryTable(folder.config, 2 * needed)
    const dims = [table.positions, table.width]
    return { cos: float32(dims, table.cos), sin: float32(dims, table.sin) }
  }
}
