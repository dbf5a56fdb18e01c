// Records → batches, for every experiment: one side of the split, in the stream's order, prepared ahead, into lanes.
// Batch n is a function of the spec and n alone; a cursor says where the stream stands after each.

import { Fault, fail } from '../contract/fault'
import type { RunSpec } from '../contract/run-spec'
import { countSkip, type SkipCounts } from '../dataset/skip-counts'
import { reasonsText } from '../shared/reasons'
import type { DataPipeline, RawRecord } from './data-pipeline'
import { isSkipped, type PreparedRecord } from './example'
import { inOrder } from './in-order'
import {
  fillLanes,
  fixedStart,
  type HeldExample,
  placeStarts,
  randomStart,
  type StartRule,
  type StreamExample,
} from './lanes'
import { ordered, type Positioned } from './order'
import type { PackOptions } from './pack'
import { type Rng, rng, rngFrom } from './rng'
import type { StreamCursor, StreamItem } from './source'
import { type Side, type Split, sideOf } from './split'

/** What the report reports a stream; it grows while the stream is read. */
export interface StreamCounts {
  /** records of this side, all passes */
  documents: number
  /** records of the other side */
  otherSide: number
  /** finished passes */
  epochs: number
  /** examples of the first pass that are not as their record had it, by reason */
  readonly changed: SkipCounts
  /** in the first pass, by reason */
  readonly skipped: SkipCounts
}
export const noCounts = (): StreamCounts => ({
  documents: 0,
  otherSide: 0,
  epochs: 0,
  changed: {},
  skipped: {},
})

export interface StreamSource {
  readonly pipeline: DataPipeline
  /** the pipeline's, or that of several threads */
  readonly prepare: (raws: readonly unknown[]) => Promise<readonly PreparedRecord[]>
  readonly spec: RunSpec
  readonly path: string
  readonly split: Split
  /** all: every record */
  readonly side: Side | 'all'
  /** of the order; undefined: the order of the data */
  readonly orderSeed: number | undefined
  /** of the start indices */
  readonly startSeed: number
  readonly packing: PackOptions
  readonly counts: StreamCounts
}

/** Records prepared together, and such groups prepared ahead. */
const groupRecords = 16
const groupsAhead = 8

async function* ownSide(source: StreamSource, epoch: number): AsyncGenerator<RawRecord> {
  const { pipeline, split, side, counts } = source
  const skipped = epoch === 0 ? counts.skipped : {}
  for await (const record of pipeline.records(source.path, skipped)) {
    if (side !== 'all' && sideOf(split, record.key) !== side) counts.otherSide += 1
    else {
      counts.documents += 1
      yield record
    }
  }
}

const pass = (source: StreamSource, epoch: number): AsyncGenerator<Positioned> =>
  ordered(ownSide(source, epoch), epoch, source.orderSeed)

function nothingToUse({ path, side, counts }: StreamSource): Fault {
  const reasons = reasonsText(counts.skipped)
  const what = side === 'train' ? 'record to train on' : 'held-out record'
  const message = `${path} has no usable ${what} (skipped: ${reasons || 'none'}; on the other side of the split: ${counts.otherSide})`
  if (reasons !== '')
    return new Fault('bad-data', message, 'Correct the records that were skipped, or give others.')
  const fix =
    side === 'train'
      ? 'Give more data, or hold out a smaller share.'
      : 'Hold out a larger share, or name a file to test on.'
  return new Fault('bad-data', message, fix)
}

/** Examples of one pass, without its first `skip` records. Faults: bad-data when there is none in all of it. */
export async function* examplesOfPass(
  source: StreamSource,
  epoch: number,
  skip: number,
): AsyncGenerator<StreamExample> {
  let found = skip > 0
  for await (const [at, prepared] of inOrder(pass(source, epoch), skip, {
    groupRecords,
    groupsAhead,
    work: group => source.prepare(group.map(({ raw }) => raw)),
  })) {
    const { position, document } = at
    if (!isSkipped(prepared)) {
      found = true
      if (epoch === 0)
        for (const why of prepared.changes ?? []) countSkip(source.counts.changed, why)
      yield { epoch, position, document, example: prepared }
    } else if (epoch === 0) countSkip(source.counts.skipped, prepared.skipped)
  }
  if (!found) throw nothingToUse(source)
  source.counts.epochs += 1
}

/** Examples from a position on, pass after pass, without end. */
async function* examplesFrom(
  source: StreamSource,
  firstEpoch: number,
  taken: number,
): AsyncGenerator<StreamExample> {
  for (let epoch = firstEpoch; ; epoch++)
    yield* examplesOfPass(source, epoch, epoch === firstEpoch ? taken : 0)
}

/** The examples that lanes held at a cursor, by `epoch:position`: read again, and prepared again. */
async function heldAt(source: StreamSource, cursor: StreamCursor): Promise<HeldExample[]> {
  const wanted = new Map<string, StreamExample>()
  const quiet = { ...source, counts: noCounts() }
  const epochs = new Set(cursor.lanes.flatMap(lane => (lane ? [lane[0]] : [])))
  for (const epoch of epochs) {
    const positions = new Set(cursor.lanes.flatMap(l => (l && l[0] === epoch ? [l[1]] : [])))
    const last = Math.max(...positions)
    for await (const { position, document, raw } of pass(quiet, epoch)) {
      if (positions.has(position)) {
        const [example] = await source.prepare([raw])
        if (example === undefined || isSkipped(example)) throw changed(source)
        wanted.set(`${epoch}:${position}`, { epoch, position, document, example })
      }
      if (position >= last) break
    }
  }
  return cursor.lanes.flatMap(lane => {
    if (lane === null) return []
    const from = wanted.get(`${lane[0]}:${lane[1]}`)
    if (from === undefined) throw changed(source)
    return [{ from, offset: lane[2] }]
  })
}

const changed = ({ path }: StreamSource): Fault =>
  new Fault(
    'bad-data',
    `${path} is not what it was when this checkpoint was written`,
    'Put the original data back, or start a new run.',
  )

export const startRule = ({ spec }: StreamSource, random: Rng): StartRule =>
  spec.start.kind === 'random' ? randomStart(random) : fixedStart(spec.start.index)

/** Batches from a cursor on, or from the beginning; endless. Faults: bad-data, and those of the pipeline's reader. */
export async function* batchesFrom(
  source: StreamSource,
  cursor?: StreamCursor,
): AsyncGenerator<StreamItem> {
  const { pipeline, spec, packing } = source
  const { lanes, accumulation, length } = spec.training
  const random = cursor ? rngFrom(cursor.random) : rng(source.startSeed, 'start')
  const rule = startRule(source, random)
  let held: (HeldExample | undefined)[] = new Array(lanes / accumulation).fill(undefined)
  if (cursor) {
    if (cursor.lanes.length !== held.length) fail(`a cursor of ${cursor.lanes.length} lanes`)
    const again = await heldAt(source, cursor)
    held = cursor.lanes.map(lane => (lane === null ? undefined : again.shift()))
  }
  let { epoch, taken, batches } = cursor ?? { epoch: 0, taken: 0, batches: 0 }
  const examples = examplesFrom(source, epoch, taken)
  const next = async (): Promise<StreamExample | undefined> => {
    const { value } = await examples.next()
    if (value) [epoch, taken] = [value.epoch, value.position + 1]
    return value
  }
  try {
    for (;;) {
      const filled = await fillLanes(held, length, pipeline.lanes, next)
      if (filled === undefined) return fail('an endless stream ended')
      held = [...filled.held]
      const placed = placeStarts(filled, rule)
      const { batch, laneOf } = pipeline.pack(placed, packing)
      const documentOf = laneOf.map(lane => placed[lane]?.document ?? 0)
      batches += 1
      yield { batch, documentOf, cursor: cursorOf(batches, epoch, taken, random, held) }
    }
  } finally {
    await examples.return(undefined)
  }
}

function cursorOf(
  batches: number,
  epoch: number,
  taken: number,
  random: Rng,
  held: readonly (HeldExample | undefined)[],
): StreamCursor {
  const lanes = held.map(lane =>
    lane ? ([lane.from.epoch, lane.from.position, lane.offset] as const) : null,
  )
  return { version: 1, batches, epoch, taken, random: random.state(), lanes }
}
