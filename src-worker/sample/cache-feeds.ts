// What every decoding program is fed with besides its fresh tokens: caches, what tells their slots, rope tables.
import type { ModelConfig, ModelFolder } from '../contract/model'
import { float32, int64, type Tensors } from '../graph/tensor'
import { steadyLengthOf } from '../model/rope'
import { checkLength } from '../program/at-most'
import { ofWindow, windowsOf } from '../program/decode'
import { rotaryFeeds } from '../program/feeds'
import { type Cache, layerRoom } from './cache'

/** Added to the score of a slot that must not be seen. */
export const hidden = -1e30

/** The position that lies in a slot of a lane with `length` slots in use; negative: none. */
const positionIn = (slot: number, length: number, room: number): number =>
  length - 1 - ((((length - 1 - slot) % room) + room) % room)

/** Masks and positions of the caches' slots, for each window: [B, 1, 1, C]. */
export function cacheSlotFeeds({ lanes, room, lengths }: Cache, config: ModelConfig): Tensors {
  const sloped = config.attentions.some(({ slopes }) => slopes !== undefined)
  const feeds = windowsOf(config).map((window): Tensors => {
    const own = layerRoom(room, window)
    const positions = Int32Array.from({ length: lanes * own }, (_, i) =>
      positionIn(i % own, lengths[Math.floor(i / own)]!, own),
    )
    const dims = [lanes, 1, 1, own]
    const mask = Float32Array.from(positions, position => (position < 0 ? hidden : 0))
    return {
      [ofWindow('cacheMask', window)]: float32(dims, mask),
      ...((sloped || window !== undefined) && {
        [ofWindow('cachePositions', window)]: int64(dims, positions),
      }),
    }
  })
  return Object.assign({}, ...feeds)
}

/** k0, v0 …: [B, N, C, D], in place */
export function cacheFeeds(cache: Cache): Tensors {
  const { lanes, shape } = cache
  const entries = cache.layers.flatMap(({ room, k, v }, i) => {
    const dims = [lanes, shape.keyHeads, room, shape.headDim]
    return [[`k${i}`, float32(dims, k)] as const, [`v${i}`, float32(dims, v)] as const]
  })
  return Object.fromEntries(entries)
}

/**
 * Rope tables for positions up to the largest seen, made longer when needed. A rope that looks at a lane's length sees
 * it end at the largest position.
 */
export function growingTable({ config }: ModelFolder): (positions: Int32Array) => Tensors {
  const steady = steadyLengthOf(config.ropes)
  const first = Math.min(256, steady)
  let made = { positions: first, feeds: rotaryFeeds(config, first) }
  return positions => {
    const needed = positions.reduce((most, p) => Math.max(most, p + 1), 0)
    checkLength(config, needed)
    if (needed > steady) return rotaryFeeds(config, needed)
    if (needed > made.positions) {
      const count = Math.min(2 * needed, steady)
      made = { positions: count, feeds: rotaryFeeds(config, count) }
    }
    return made.feeds
  }
}
