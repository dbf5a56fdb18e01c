// How large the arrays of one optimizer step are. Sizes depend on that step alone, never on what else
// is in the same run call: so neither do the results, bit for bit.
import { logitBytes } from '../contract/at-once'
import type { MicroBatch } from '../contract/batch'

/** Sizes that all micro-batches of one optimizer step are padded to. */
export interface Sizes {
  readonly lanes: number
  /** slots at the head of every lane that go without a backward pass */
  readonly prefix: number
  /** slots behind the prefix */
  readonly slots: number
  /** text slots a lane, behind the prefix */
  readonly text: number
  /** labelled slots a lane */
  readonly queries: number
  readonly lossChunks: number
  readonly rowsPerLossChunk: number
}

/** What the arrays depend on besides the micro-batch. */
export interface Layout {
  readonly tokens: number
  readonly conditions: number
  /** all lanes share the same prompt rows */
  readonly shared: boolean
  readonly vocabulary: number
  /** the program has a field `prefix`, perhaps of no slots */
  readonly prefixed?: boolean
}

const most = (xs: readonly number[], least: number): number =>
  xs.reduce((a, b) => Math.max(a, b), least)

/** Labelled rows in each lane. */
function rowsPerLane(batch: MicroBatch): Int32Array {
  const counts = new Int32Array(batch.lanes)
  for (const row of batch.rows) counts[Math.floor(row / batch.slotsPerLane)]!++
  return counts
}

/** Slots behind the prefix that are not prompt, in the lane with most, when there are `slots` of them. */
function mostText(batch: MicroBatch, slots: number): number {
  let result = 0
  for (let b = 0; b < batch.lanes; b++) {
    const lane = batch.slots.subarray(b * batch.slotsPerLane, (b + 1) * batch.slotsPerLane)
    let prompt = 0
    for (const slot of lane) if (slot < 0) prompt++
    result = Math.max(result, slots - prompt)
  }
  return result
}

/** Rows in chunks whose logits have about so many bytes. */
export function lossChunks(rows: number, vocabulary: number, bytes: number) {
  const count = Math.max(1, Math.ceil((rows * vocabulary * 4) / bytes))
  return { lossChunks: count, rowsPerLossChunk: Math.ceil(rows / count) }
}

/**
 * The sizes of one optimizer step; they depend on nothing else, so that results do not either.
 * @param chunkBytes of logits
 */
export function sizesOf(
  batches: readonly MicroBatch[],
  vocabulary: number,
  prefix = 0,
  chunkBytes = logitBytes,
): Sizes {
  const slots = most(
    batches.map(b => b.slotsPerLane - prefix),
    1,
  )
  const rows = most(
    batches.map(b => b.rows.length),
    1,
  )
  return {
    lanes: most(
      batches.map(b => b.lanes),
      1,
    ),
    prefix,
    slots,
    text: most(
      batches.map(b => mostText(b, slots)),
      1,
    ),
    queries: most(
      batches.map(b => most([...rowsPerLane(b)], 1)),
      1,
    ),
    ...lossChunks(rows, vocabulary, chunkBytes),
  }
}

export const sameSizes = (a: Sizes, b: Sizes): boolean => JSON.stringify(a) === JSON.stringify(b)
