// Sizes of the arrays of a step, rounded up to a few: consecutive steps of equal sizes share a run call on a GPU
// (train/multi-step.ts). They depend on the step alone, so results do not depend on what shares its call.
import type { MicroBatch } from '../contract/batch'
import { lossChunks, type Sizes, sizesOf } from './sizes'

/** Of whole lanes' slots: padding is a third of them at most. */
const slotLevels = [1 / 16, 3 / 32, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1]
/** Of labels, which go through less: uneven lanes have three quarters of them on average, now a few more, now fewer. */
const labelLevels = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1]
/** Rows of a chunk are a multiple of this, as the matrix kernels of a GPU like them. */
const rowStep = 128

/** n, rounded up to a level of what there is at most; beyond that to the next of the same kind. */
export function leveled(n: number, most: number, levels: readonly number[] = slotLevels): number {
  if (n > most) return leveled(n, 2 * most, levels)
  const level = levels.find(share => n <= Math.ceil(share * most)) ?? 1
  return Math.ceil(level * most)
}

export interface LevelOptions {
  /** text tokens of a whole lane */
  readonly length: number
  /** prompt tokens */
  readonly tokens: number
  readonly vocabulary: number
  /** lanes are not padded beyond so many slots: positions behind are not learned, or rope looks at the length */
  readonly mostSlots: number
  /** every step gets the sizes of whole lanes: where each run call moves a large state */
  readonly whole: boolean
  /** of logits */
  readonly chunkBytes: number
}

export function leveledSizes(step: readonly MicroBatch[], options: LevelOptions): Sizes {
  const { length, tokens, vocabulary, mostSlots, whole, chunkBytes } = options
  const own = sizesOf(step, vocabulary, 0, Number.POSITIVE_INFINITY)
  const rounded = (n: number, most: number, levels?: readonly number[]): number =>
    whole ? Math.max(n, most) : leveled(n, most, levels)
  const wanted = rounded(own.slots, length + tokens)
  const slots = wanted <= mostSlots ? wanted : own.slots
  const rows = rounded(own.rowsPerLossChunk, own.lanes * length, labelLevels)
  const cut = lossChunks(rows, vocabulary, chunkBytes)
  const perChunk = cut.rowsPerLossChunk
  return {
    ...own,
    slots,
    text: Math.min(slots, rounded(own.text, length)),
    // no more than there are positions
    queries: Math.min(slots, rounded(own.queries, length, labelLevels)),
    lossChunks: cut.lossChunks,
    rowsPerLossChunk: cut.lossChunks === 1 ? perChunk : Math.ceil(perChunk / rowStep) * rowStep,
  }
}
