// What lanes begin with: text and soft prompt in any order, put into a fresh cache.
// Lanes of different lengths are padded on the right within a chunk only: the cache holds no padding.
import { Fault } from '../contract/fault'
import { steadyLengthOf } from '../model/rope'
import { type Cache, emptyCache } from './cache'
import type { Decoder, Extended, HeadRows } from './decoder'

/** One sequence to be continued. */
export interface Sequence {
  /** token ids, or −(j+1) for soft prompt token j: the slots of contract/batch.ts */
  readonly slots: readonly number[]
  /** [P, H] of this lane's soft prompt; lanes may share one array */
  readonly rows?: Float32Array
  /** names the lane's random numbers; its place among the lanes when absent */
  readonly label?: string | number
  /** seed of the lane's random numbers; that of all lanes when absent */
  readonly seed?: number
}

/** Rows of all lanes' soft prompts in one matrix, and where each lane's begin. */
interface Prompts {
  readonly rows: Float32Array
  readonly offsets: readonly number[]
}

function joinPrompts(lanes: readonly Sequence[], hiddenSize: number): Prompts {
  const starts = new Map<Float32Array, number>()
  let total = 0
  const offsets = lanes.map(({ rows, slots }) => {
    checkRows(rows, slots, hiddenSize)
    if (rows === undefined) return 0
    const known = starts.get(rows)
    if (known !== undefined) return known
    starts.set(rows, total)
    total += rows.length / hiddenSize
    return starts.get(rows)!
  })
  const rows = new Float32Array(total * hiddenSize)
  for (const [part, start] of starts) rows.set(part, start * hiddenSize)
  return { rows, offsets }
}

function checkRows(
  rows: Float32Array | undefined,
  slots: readonly number[],
  hiddenSize: number,
): void {
  const count = (rows?.length ?? 0) / hiddenSize
  if (!Number.isInteger(count))
    throw new Fault(
      'shape',
      `the rows of the soft prompt hold ${rows?.length} numbers, no multiple of the model's width ${hiddenSize}`,
      'Use a soft prompt that was trained for this model.',
    )
  const wanted = slots.reduce((most, slot) => Math.max(most, -slot), 0)
  if (wanted > count)
    throw new Fault(
      'shape',
      `a slot asks for soft prompt token ${wanted}, but there are ${count}`,
      'Give every lane the rows of its own soft prompt.',
    )
}

/** Scores of one chunk stay below so many numbers: 64 MB. */
const mostScores = 16e6
const widestChunk = 512

/** Slots a chunk, so that [B, N, Q, C + Q] scores stay small. */
function chunkWidth(lanes: number, heads: number, longest: number): number {
  const width = Math.floor(mostScores / (lanes * heads * Math.max(longest, 1)))
  return Math.max(16, Math.min(widestChunk, width, longest))
}

export interface Prefilled extends Extended {
  /** lane of each row of the head's outputs */
  readonly laneOf: readonly number[]
}

/** What is wanted of the head at the last slot of each lane. */
export type HeadAtEnd = (lane: number) => {
  readonly wanted: boolean
  readonly picks: readonly number[]
}

const longestOf = (lanes: readonly Sequence[]): number =>
  lanes.reduce((most, { slots }) => Math.max(most, slots.length), 0)

interface SlotRange {
  readonly lanes: readonly Sequence[]
  readonly prompts: Prompts
  readonly from: number
  readonly width: number
}

function slotRanges(
  lanes: readonly Sequence[],
  prompts: Prompts,
  width: number,
  start: number,
): readonly SlotRange[] {
  const longest = longestOf(lanes)
  const count = Math.ceil((longest - start) / width)
  return Array.from({ length: count }, (_, i) => {
    const from = start + i * width
    return { lanes, prompts, from, width: Math.min(width, longest - from) }
  })
}

function chunkOf({ lanes, prompts, from, width }: SlotRange) {
  const slots = new Int32Array(lanes.length * width)
  const positions = new Int32Array(lanes.length * width)
  const counts = new Int32Array(lanes.length)
  for (const [b, lane] of lanes.entries())
    for (let q = 0; q < width; q++) {
      const slot = lane.slots[from + q]
      positions[b * width + q] = from + q
      if (slot === undefined) continue
      counts[b]!++
      slots[b * width + q] = slot < 0 ? slot - prompts.offsets[b]! : slot
    }
  return { lanes: lanes.length, width, slots, positions, counts, prompt: prompts.rows }
}

/** Rows of the head for lanes that end in this chunk. */
function headOf(
  { lanes, from, width }: SlotRange,
  atEnd: HeadAtEnd,
): HeadRows & { lane: number[] } {
  const rows: number[] = []
  const lane: number[] = []
  const wanted: number[] = []
  const picks: [number, number][] = []
  for (const [b, { slots }] of lanes.entries()) {
    const last = slots.length - 1 - from
    if (last < 0 || last >= width) continue
    const { wanted: whole, picks: tokens } = atEnd(b)
    if (whole) wanted.push(rows.length)
    for (const token of tokens) picks.push([rows.length, token])
    rows.push(b * width + last)
    lane.push(b)
  }
  return { rows, wanted, picks, lane }
}

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const result = new Float32Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

/** Log-probabilities or logits after some slots of one lane, all of it in one pass without a cache. */
export async function lookWhole(
  decoder: Decoder,
  lane: Sequence,
  head: HeadRows,
): Promise<Omit<Extended, 'cache'>> {
  const prompts = joinPrompts([lane], decoder.hiddenSize)
  const piece = { lanes: [lane], prompts, from: 0, width: lane.slots.length }
  return decoder.look(emptyCache(decoder.shape, 1), { ...chunkOf(piece), head })
}

/**
 * Each lane by itself and whole: their rope looks at the length of the lane, so nothing of a shorter one can be kept
 * (as in transformers without a cache). The cache that comes out is empty.
 */
async function wholePrefill(
  decoder: Decoder,
  lanes: readonly Sequence[],
  atEnd: HeadAtEnd,
  signal: AbortSignal | undefined,
): Promise<Prefilled> {
  const parts: Omit<Extended, 'cache'>[] = []
  for (const [b, lane] of lanes.entries()) {
    if (signal?.aborted) throw new Fault('cancelled', 'sampling was stopped', 'Start it again.')
    const { wanted, picks } = atEnd(b)
    const picked = picks.map((token): [number, number] => [0, token])
    const head = { rows: [lane.slots.length - 1], wanted: wanted ? [0] : [], picks: picked }
    parts.push(await lookWhole(decoder, lane, head))
  }
  const cache = emptyCache(decoder.shape, lanes.length)
  return { cache, laneOf: [...lanes.keys()], ...joinedOutputs(parts) }
}

const joinedOutputs = (parts: readonly Omit<Extended, 'cache'>[]): Omit<Extended, 'cache'> => ({
  logits: joined(parts.map(part => part.logits)),
  logZ: joined(parts.map(part => part.logZ)),
  scores: joined(parts.map(part => part.scores)),
})

/**
 * Runs the beginnings of all lanes. Outputs of the head are in the order of `laneOf`: lanes that end earlier first.
 * @param before a cache that holds the first slots of all lanes already, equally many; it must not be used again
 * Faults: usage (a lane is empty), shape (soft prompt rows that do not fit).
 */
export async function prefill(
  decoder: Decoder,
  lanes: readonly Sequence[],
  atEnd: HeadAtEnd,
  signal?: AbortSignal,
  before?: Cache,
): Promise<Prefilled> {
  const empty = lanes.findIndex(({ slots }) => slots.length === 0)
  if (empty >= 0)
    throw new Fault(
      'usage',
      `lane ${empty} has neither text nor soft prompt: there is nothing to continue`,
      'Write a prompt, choose a snapshot, or put the start token first.',
    )
  if (longestOf(lanes) > steadyLengthOf(decoder.folder.config.ropes))
    return wholePrefill(decoder, lanes, atEnd, signal)
  const start = before?.lengths[0] ?? 0
  const width = chunkWidth(lanes.length, decoder.folder.config.heads, longestOf(lanes))
  const prompts = joinPrompts(lanes, decoder.hiddenSize)
  let cache = before ?? emptyCache(decoder.shape, lanes.length)
  const done: { laneOf: number[]; parts: Omit<Extended, 'cache'>[] } = { laneOf: [], parts: [] }
  for (const range of slotRanges(lanes, prompts, width, start)) {
    if (signal?.aborted) throw new Fault('cancelled', 'sampling was stopped', 'Start it again.')
    const { lane, ...head } = headOf(range, atEnd)
    const result = await decoder.extend(cache, { ...chunkOf(range), head })
    cache = result.cache
    done.laneOf.push(...lane)
    done.parts.push(result)
  }
  return { cache, laneOf: done.laneOf, ...joinedOutputs(done.parts) }
}
