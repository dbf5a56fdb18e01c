// Cutting an optimizer step into chunks for a device that gains nothing from large batches (the CPU).
// The sum over chunks is the sum over micro-batches, exactly the same terms: lanes are only sorted and cut, so that
//   nothing is computed behind a lane's last label,
//   lanes of a chunk are of similar length (little padding), or begin their prompt at similar slots: what lies before
//   the first of these gets no backward pass.
import type { MicroBatch } from '../contract/batch'

export interface Chunk {
  /** its weights are already divided; divisor 1 */
  readonly batch: MicroBatch
  /** slots at the head of every lane that lie before any prompt token and any label */
  readonly prefix: number
  /** where each labelled row was: index among the rows of all micro-batches, one after the other */
  readonly rowIndex: Int32Array
}

interface LabelledLane {
  readonly slots: Int32Array
  /** labelled slots, and for each its label, weight and index */
  readonly at: readonly number[]
  readonly labels: readonly number[]
  readonly weights: readonly number[]
  readonly index: readonly number[]
  readonly conditions: Float32Array
  /** first slot that is prompt or labelled */
  readonly start: number
}

export interface ChunkOptions {
  /** slots of a chunk at most, padding counted: more are not faster */
  readonly slotsPerChunk: number
  /** lanes may leave their micro-batch; else each micro-batch is one chunk */
  readonly regroup: boolean
  /** without a backward pass nothing is gained by a prefix */
  readonly prefixes: boolean
  /** longer lanes stay whole and with their micro-batch: their rope looks at its length (model/rope.ts) */
  readonly steady?: number
}

/** Shortest prefix worth a part of its own, in slots. */
const shortestPrefix = 8
/** A chunk takes the time of so many slots before its first, forward or backward (`npm run bench -- --only "curve T"`). */
const slotsOfAChunk = 120
/** How many chunks above the fewest are tried. */
const moreChunks = 3

/** @param divisors what each micro-batch's weights are divided by */
export function chunksOf(
  step: readonly MicroBatch[],
  divisors: readonly number[],
  options: ChunkOptions,
): readonly Chunk[] {
  const { steady = Number.POSITIVE_INFINITY } = options
  const whole = step.some(batch => batch.slotsPerLane > steady)
  const regroup = options.regroup && !whole
  const groups: LabelledLane[][] = []
  let firstRow = 0
  for (const [a, batch] of step.entries()) {
    const all = lanesOf(batch, divisors[a]!, firstRow, whole)
    const lanes = all.filter(lane => lane.at.length > 0)
    firstRow += batch.rows.length
    if (regroup && groups.length > 0) groups[0]!.push(...lanes)
    else groups.push(lanes)
  }
  const cut = regroup ? groups.flatMap(lanes => cutUp(lanes, options)) : groups
  return cut.filter(lanes => lanes.length > 0).map(lanes => chunkOf(lanes, options.prefixes))
}

function lanesOf(
  batch: MicroBatch,
  divisor: number,
  firstRow: number,
  whole: boolean,
): readonly LabelledLane[] {
  const { lanes, slotsPerLane: s } = batch
  const rowsOf: number[][] = Array.from({ length: lanes }, () => [])
  batch.rows.forEach((row, r) => {
    rowsOf[Math.floor(row / s)]!.push(r)
  })
  const c = lanes === 0 ? 0 : batch.conditions.length / lanes
  return rowsOf.map((rows, b) => {
    const at = rows.map(r => batch.rows[r]! % s)
    const end = whole ? s : at.reduce((last, slot) => Math.max(last, slot + 1), 0)
    const slots = batch.slots.slice(b * s, b * s + end)
    const prompt = slots.findIndex(slot => slot < 0)
    const label = at.reduce((first, slot) => Math.min(first, slot), end)
    return {
      slots,
      at,
      labels: rows.map(r => batch.labels[r]!),
      weights: rows.map(r => batch.weights[r]! / divisor),
      index: rows.map(r => firstRow + r),
      conditions: batch.conditions.slice(b * c, (b + 1) * c),
      start: prompt < 0 ? label : Math.min(prompt, label),
    }
  })
}

const byStart = (a: LabelledLane, b: LabelledLane): number => a.start - b.start || byLength(a, b)
const byLength = (a: LabelledLane, b: LabelledLane): number =>
  a.slots.length - b.slots.length || a.index[0]! - b.index[0]!

type Cut = readonly (readonly LabelledLane[])[]

/** The cheapest cut. Alike starts save backward slots, alike lengths save padding, and so do a few chunks more. */
function cutUp(lanes: readonly LabelledLane[], options: ChunkOptions): Cut {
  const cuts = [byStart, byLength].flatMap(order => {
    const sorted = [...lanes].sort(order)
    const fewest = cutEvenly(sorted, 1, options)
    const more = Array.from({ length: moreChunks }, (_, i) =>
      cutEvenly(sorted, fewest.length + 1 + i, options),
    )
    return [fewest, ...more]
  })
  return cuts.reduce((best, cut) => (costOf(cut, options) < costOf(best, options) ? cut : best))
}

const longest = (lanes: readonly LabelledLane[]): number =>
  lanes.reduce((n, lane) => Math.max(n, lane.slots.length), 0)

/** So many chunks of about as many lanes each, or more when they would be too large, padding counted. */
function cutEvenly(
  lanes: readonly LabelledLane[],
  least: number,
  { slotsPerChunk }: ChunkOptions,
): Cut {
  for (let count = Math.min(least, Math.max(1, lanes.length)); ; count++) {
    const at = (i: number): number => Math.floor((i * lanes.length) / count)
    const cut = Array.from({ length: count }, (_, i) => lanes.slice(at(i), at(i + 1)))
    const fits = cut.every(chunk => chunk.length * longest(chunk) <= slotsPerChunk)
    if (fits || count >= lanes.length) return cut
  }
}

/** Slots computed, forward and backward, and what a chunk costs by itself. */
function costOf(chunks: Cut, { prefixes }: ChunkOptions): number {
  return chunks.reduce((sum, lanes) => {
    const length = longest(lanes)
    return sum + slotsOfAChunk + lanes.length * (2 * length - (prefixes ? prefixOf(lanes) : 0))
  }, 0)
}

/** Slots before the prompt and the labels of all lanes, when they are worth a part of their own. */
function prefixOf(lanes: readonly LabelledLane[]): number {
  const prefix = lanes.reduce((n, lane) => Math.min(n, lane.start), longest(lanes))
  return prefix >= shortestPrefix ? prefix : 0
}

/** Slots up to the last label of each lane, summed: those behind are computed only because of their neighbours. */
export function neededSlots({ lanes, slotsPerLane, rows }: MicroBatch): number {
  const ends = new Int32Array(lanes)
  for (const row of rows) {
    const lane = Math.floor(row / slotsPerLane)
    ends[lane] = Math.max(ends[lane]!, (row % slotsPerLane) + 1)
  }
  return ends.reduce((sum, end) => sum + end, 0)
}

function chunkOf(lanes: readonly LabelledLane[], prefixes: boolean): Chunk {
  const slotsPerLane = Math.max(1, longest(lanes))
  const slots = new Int32Array(lanes.length * slotsPerLane)
  lanes.forEach((lane, b) => {
    slots.set(lane.slots, b * slotsPerLane)
  })
  const rows = lanes.flatMap((lane, b) => lane.at.map(slot => b * slotsPerLane + slot))
  const conditions = lanes.flatMap(lane => [...lane.conditions])
  return {
    prefix: prefixes ? prefixOf(lanes) : 0,
    rowIndex: Int32Array.from(lanes.flatMap(lane => lane.index)),
    batch: {
      lanes: lanes.length,
      slotsPerLane,
      slots,
      rows: Int32Array.from(rows),
      labels: Int32Array.from(lanes.flatMap(lane => lane.labels)),
      weights: Float32Array.from(lanes.flatMap(lane => lane.weights)),
      divisor: 1,
      conditions: Float32Array.from(conditions),
      tokenCount: 0,
    },
  }
}
