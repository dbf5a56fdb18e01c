// Micro-batches → the arrays that a program is fed with. All placing is arithmetic on indices, done here once,
// so that the graph only gathers.

import type { MicroBatch } from '../contract/batch'
import { elements } from '../contract/dims'
import { Fault, fail } from '../contract/fault'
import type { ModelConfig } from '../contract/model'
import { float32, int64, type Tensor, type Tensors } from '../graph/tensor'
import { rotaryTable } from '../model/rope'
import { type FieldName, fieldNames, usedFields } from './fields'
import type { Layout, Sizes } from './sizes'

type Put = (index: number, value: number) => void
type Puts = Readonly<Record<FieldName, Put>>

/** Numbers of a field in one micro-batch. */
function fieldShape(name: FieldName, sizes: Sizes, layout: Layout): readonly number[] {
  const { lanes: b, prefix, slots: s, text: t, queries: q, lossChunks, rowsPerLossChunk } = sizes
  const shapes: Record<FieldName, readonly number[]> = {
    prefix: [b, prefix],
    text: [b, layout.tokens === 0 ? s : t],
    order: [b, s],
    promptAt: [b, layout.tokens],
    promptMask: [b, layout.tokens],
    queries: [b, q],
    queryAt: [b, q],
    queryOf: [b, s],
    rowAt: [lossChunks, rowsPerLossChunk],
    rowOf: [b, q],
    labels: [lossChunks, rowsPerLossChunk],
    weights: [lossChunks, rowsPerLossChunk],
    conditions: [b, layout.conditions],
  }
  return shapes[name]
}

const isFloat = (name: FieldName): boolean =>
  name === 'promptMask' || name === 'weights' || name === 'conditions'

interface Stack {
  readonly tensors: Tensors
  /** writers of the micro-batch number n */
  readonly puts: (n: number) => Puts
}

/** Zeroed arrays for `count` micro-batches, [...leading, ...field]. */
function stackOf(leading: readonly number[], count: number, sizes: Sizes, layout: Layout): Stack {
  const tensors: Record<string, Tensor> = {}
  const writers: Partial<Record<FieldName, (n: number) => Put>> = {}
  for (const name of usedFields({ prefixed: false, ...layout })) {
    const shape = fieldShape(name, sizes, layout)
    const size = elements(shape)
    const dims = [...leading, ...shape]
    if (isFloat(name)) {
      const data = new Float32Array(count * size)
      tensors[name] = float32(dims, data)
      writers[name] = n => (i, value) => {
        data[n * size + i] = value
      }
    } else {
      // int64, written by its low words: our integers are not negative
      const words = new Int32Array(2 * count * size)
      tensors[name] = { dtype: 'int64', dims, data: new BigInt64Array(words.buffer) }
      writers[name] = n => (i, value) => {
        words[2 * (n * size + i)] = value
      }
    }
  }
  const none = (): Put => () => undefined
  const puts = (n: number): Puts =>
    Object.fromEntries(
      fieldNames.map(name => [name, (writers[name] ?? none)(n)]),
    ) as unknown as Puts
  return { tensors, puts }
}

/** Where text and prompt go. */
function placeSlots(batch: MicroBatch, sizes: Sizes, layout: Layout, put: Puts): void {
  const { tokens, shared } = layout
  const { lanes, prefix, slots, text } = sizes
  const width = tokens === 0 ? slots : text
  for (let b = 0; b < lanes; b++) {
    for (let s = 0; s < prefix; s++) put.prefix(b * prefix + s, slotOf(batch, b, s))
    let t = 0
    for (let s = 0; s < slots; s++) {
      const slot = slotOf(batch, b, prefix + s)
      if (slot >= 0) {
        put.order(b * slots + s, b * width + t)
        put.text(b * width + t, slot)
        t++
        continue
      }
      const token = -slot - 1
      if (token >= tokens) throw tooFewTokens(token, tokens)
      put.order(b * slots + s, lanes * width + (shared ? token : b * tokens + token))
      put.promptAt(b * tokens + token, b * slots + s)
      put.promptMask(b * tokens + token, 1)
    }
  }
}

/** A slot, or 0 in the padding. */
const slotOf = (batch: MicroBatch, b: number, s: number): number =>
  b < batch.lanes && s < batch.slotsPerLane ? batch.slots[b * batch.slotsPerLane + s]! : 0

const tooFewTokens = (token: number, tokens: number): Fault =>
  new Fault(
    'shape',
    `a batch places prompt token ${token + 1}, but the soft prompt has ${tokens}`,
    'Use the prompt that the batches were made for.',
  )

/** Which slots have labels, and the rows of the head. Scale: what each weight is divided by. */
function placeRows(batch: MicroBatch, sizes: Sizes, divisor: number, put: Puts): void {
  const { lanes, prefix, slots, queries, lossChunks, rowsPerLossChunk } = sizes
  const noRow = lossChunks * rowsPerLossChunk
  for (let i = 0; i < lanes * slots; i++) put.queryOf(i, lanes * queries)
  for (let i = 0; i < lanes * queries; i++) put.rowOf(i, noRow)
  // unused queries ask from their lane's first slot; nothing reads them
  for (let i = 0; i < lanes * queries; i++) put.queryAt(i, Math.floor(i / queries) * slots)
  const asked = new Int32Array(lanes)
  batch.rows.forEach((row, r) => {
    const b = Math.floor(row / batch.slotsPerLane)
    const s = row % batch.slotsPerLane
    const query = b * queries + asked[b]!++
    put.queries(query, s)
    put.queryAt(query, b * slots + s - prefix)
    put.queryOf(b * slots + s - prefix, query)
    put.rowAt(r, query)
    put.rowOf(query, r)
    put.labels(r, batch.labels[r]!)
    put.weights(r, batch.weights[r]! / divisor)
  })
}

/**
 * The fields of some micro-batches, stacked.
 * @param divisors what each micro-batch's label weights are divided by
 */
export function fieldFeeds(
  batches: readonly MicroBatch[],
  divisors: readonly number[],
  leading: readonly number[],
  sizes: Sizes,
  layout: Layout,
): Tensors {
  const { tensors, puts } = stackOf(leading, batches.length, sizes, layout)
  batches.forEach((batch, n) => {
    const put = puts(n)
    checkRows(batch)
    placeSlots(batch, sizes, layout, put)
    placeRows(batch, sizes, divisors[n]!, put)
    batch.conditions.forEach((value, i) => {
      put.conditions(i, value)
    })
  })
  return tensors
}

/** A slot may have one label only: its gradient is fetched from one place. */
function checkRows(batch: MicroBatch): void {
  if (new Set(batch.rows).size === batch.rows.length) return
  fail('a slot of the batch has two labels')
}

/** Cosines and sines of the first positions, for each rope. length: slots of the whole lanes */
export function rotaryFeeds(
  { ropes }: ModelConfig,
  positions: number,
  length = positions,
): Tensors {
  const tables = ropes.map((rope, i): Tensors => {
    const { width, cos, sin } = rotaryTable(rope, positions, length)
    const end = i === 0 ? '' : i
    const dims = [positions, width]
    return { [`cos${end}`]: float32(dims, cos), [`sin${end}`]: float32(dims, sin) }
  })
  return Object.assign({}, ...tables)
}

/** Causal blocks of a lane's queries, and the same for windowed layers; undefined: there are none. */
export interface BlockCounts {
  readonly whole: number
  readonly window: number | undefined
}

/** Sizes of so many blocks of a lane, none shorter than ⌊slots/blocks⌋. */
function blockFeed(slots: number, blocks: number): Tensor {
  const ends = Array.from({ length: blocks + 1 }, (_, i) => Math.round((i * slots) / blocks))
  return int64(
    [blocks],
    ends.slice(1).map((end, i) => end - ends[i]!),
  )
}

/** Inputs that depend on the lengths alone. */
export function positionFeeds(
  { prefix, slots }: Sizes,
  { whole, window }: BlockCounts,
  prefixed = false,
): Tensors {
  const counted = (from: number, count: number): Tensor =>
    int64(
      [count],
      Array.from({ length: count }, (_, i) => from + i),
    )
  return {
    positions: counted(prefix, slots),
    ...(prefixed && { prefixPositions: counted(0, prefix) }),
    blockSizes: blockFeed(slots, whole),
    ...(window !== undefined && { windowSizes: blockFeed(slots, window) }),
  }
}
