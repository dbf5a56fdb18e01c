// Prefixes remembered between calls: the next move of a game, or the next step through a maze, reads only what is new.
import { commonLength } from '../stream/common-length'
import { type Cache, shortened } from './cache'
import type { Sequence } from './prefill'

interface Remembered {
  readonly lane: Sequence
  readonly cache: Cache
}

export interface PrefixMemory {
  /**
   * A cache of one lane with the longest known beginning of this lane, which leaves the memory: no other lane may add to
   * it meanwhile. At least the last slot is left to be read, since the head needs it.
   */
  take(lane: Sequence): Cache | undefined
  keep(lane: Sequence, cache: Cache): void
  clear(): void
}

const sameRows = (a: Float32Array | undefined, b: Float32Array | undefined): boolean =>
  a === b || (a?.length === b?.length && (a?.every((x, i) => x === b![i]) ?? true))

/** @param limit prefixes kept at most; the oldest goes first */
export function prefixMemory(limit: number): PrefixMemory {
  let known: Remembered[] = []
  return {
    take: lane => {
      const usable = known
        .filter(each => sameRows(each.lane.rows, lane.rows))
        .map(each => ({ each, length: commonLength(each.lane.slots, lane.slots) }))
        .sort((a, b) => b.length - a.length)[0]
      const length = Math.min(usable?.length ?? 0, lane.slots.length - 1)
      if (usable === undefined || length < 1) return undefined
      known = known.filter(each => each !== usable.each)
      return shortened(usable.each.cache, length)
    },
    keep: (lane, cache) => {
      known = [...known, { lane, cache }].slice(-limit)
    },
    clear: () => {
      known = []
    },
  }
}
