// Which records are held out. A record's content alone decides, so that the same text is never on both sides, the
// split is the same for every seed, model and length, and it needs no list of the whole data set.

import { createHash } from 'node:crypto'
import { nothingIsHeldOut } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import type { DataPipeline, RawRecord } from './data-pipeline'

export type Side = 'train' | 'validation' | 'test'

/** A record is held out when its fraction is at most `atMost` (below 0: nothing is), or among `also`. */
export interface Split {
  readonly atMost: number
  /** fractions of records of a test file */
  readonly also?: ReadonlySet<number>
  /** held-out records whose second fraction is at most this are for validation, not for the test; absent: none is */
  readonly validation?: number
  /** in words, for the report */
  readonly how: string
}

/** The first 48 bits of the key's sha256 as a number in [0, 1), and the next 48: two independent fractions. */
function fractionsOf(key: string): readonly [number, number] {
  const digest = createHash('sha256').update(key, 'utf8').digest()
  return [digest.readUIntBE(0, 6) / 2 ** 48, digest.readUIntBE(6, 6) / 2 ** 48]
}

/** The fraction that decides whether a record is held out. */
export const fractionOf = (key: string): number => fractionsOf(key)[0]

export function sideOf(split: Split, key: string): Side {
  const { atMost, also, validation = -1 } = split
  if (atMost < 0 && also === undefined) return 'train'
  const [fraction, second] = fractionsOf(key)
  if (fraction > atMost && !also?.has(fraction)) return 'train'
  return second <= validation ? 'validation' : 'test'
}

/** Test units that a small file keeps before any is for validation, and those that validation gets next. */
const leastTest = 8

/**
 * How many of a few held-out records are for the test: half of them, but at least `units` where 8 are left for
 * validation, and never fewer than 8.
 */
const testUnits = (heldOut: number, units: number): number =>
  Math.min(
    heldOut,
    Math.max(Math.ceil(heldOut / 2), Math.min(units, heldOut - leastTest), leastTest),
  )

/**
 * Cuts the held-out side in two by a second hash: validation for what happens during a run, test for its end.
 * @param seconds second fractions of all held-out records, where they are few; undefined: there are many
 */
function cutInTwo(split: Split, units: number, seconds: readonly number[] | undefined): Split {
  if (seconds === undefined) {
    const how = `${split.how}; half of them, by a second hash, for validation, the others for the final test`
    return { ...split, validation: 0.5, how }
  }
  const forTest = testUnits(seconds.length, units)
  const forValidation = seconds.length - forTest
  if (forValidation === 0)
    return { ...split, how: `${split.how}; too few to cut: validation and final test see the same` }
  const validation = [...seconds].sort((a, b) => a - b)[forValidation - 1] ?? -1
  const how = `${split.how}; ${forValidation} of them, by a second hash, for validation, ${forTest} for the final test`
  return { ...split, validation, how }
}

/** Records looked at to make sure that enough of small data are held out. */
const smallData = 2000

export const nothingHeldOut: Split = { atMost: -1, how: nothingIsHeldOut }

/**
 * The split of a data set: a share by content hash, and in small data at least `units` of its different records for the
 * test, up to half of them all; one, where none is asked for.
 * @param holdout share in [0, 1); 0: nothing is held out
 * @param cut whether validation gets a part of the held-out side: then twice as many records are held out, where the
 *   file allows
 */
export async function openSplit(
  records: AsyncIterable<RawRecord>,
  holdout: number,
  units = 1,
  cut = false,
): Promise<Split> {
  if (holdout <= 0) return nothingHeldOut
  const wanted = cut ? 2 * units : units
  const share = `${holdout * 100} % of the records, by content hash`
  const below = new Set<number>()
  const keys = new Map<number, number>()
  let seen = 0
  for await (const { key } of records) {
    const [fraction, second] = fractionsOf(key)
    keys.set(fraction, second)
    if (fraction <= holdout) below.add(fraction)
    seen += 1
    // the halves of a cut are counted, where the data are small
    if ((!cut && below.size >= wanted) || seen >= smallData) {
      const many = { atMost: holdout, how: share }
      return cut ? cutInTwo(many, units, undefined) : many
    }
  }
  const split = smallSplit(keys, below, share, holdout, wanted)
  if (!cut || split === nothingHeldOut) return split
  const heldOut = [...keys].filter(([fraction]) => fraction <= split.atMost)
  return cutInTwo(
    split,
    units,
    heldOut.map(([, second]) => second),
  )
}

/** The split of data that were read to their end. */
function smallSplit(
  keys: ReadonlyMap<number, number>,
  below: ReadonlySet<number>,
  share: string,
  holdout: number,
  wanted: number,
): Split {
  const most = Math.min(wanted, Math.floor(keys.size / 2))
  if (below.size >= most && below.size > 0) return { atMost: holdout, how: share }
  const smallest = [...keys.keys()].sort((a, b) => a - b)
  const last = smallest[most - 1]
  if (last === undefined) return nothingHeldOut
  const which = most === 1 ? 'the one with the smallest' : `the ${most} with the smallest`
  const alone = below.size === 0 ? 'none' : String(below.size)
  const how = `${which} content hash of ${keys.size} records (${share}, would be ${alone})`
  return { atMost: last, how }
}

/** Different records of a test file that are tested on, and kept out of training should its data hold them, too. */
const mostTestRecords = 1_000_000

/**
 * The split when a file of its own is tested on: what is tested on is not trained on. Of a file with more than `most`
 * different records, the rest is neither.
 */
export async function withoutTestFile(
  test: AsyncIterable<RawRecord>,
  file: string,
  { units = 1, cut = false, most = mostTestRecords } = {},
): Promise<Split> {
  const also = new Set<number>()
  const seconds: number[] = []
  let whole = true
  for await (const { key } of test) {
    const [fraction, second] = fractionsOf(key)
    const known = also.has(fraction)
    whole = also.size < most || known
    if (!whole) break
    also.add(fraction)
    if (!known && seconds.length < smallData) seconds.push(second)
  }
  const what = whole ? file : `${file}, in its first ${most} different records,`
  const split = { atMost: -1, also, how: `${what} is tested on; its records are not trained on` }
  if (!cut) return split
  return cutInTwo(split, units, seconds.length < smallData ? seconds : undefined)
}

/** Faults: those of the pipeline's reader. */
export async function splitOf(spec: RunSpec, pipeline: DataPipeline): Promise<Split> {
  const { path, testPath, holdout, heldOutUnits, validation: cut } = spec.data
  const units = Math.max(1, heldOutUnits)
  if (testPath !== '')
    return withoutTestFile(pipeline.records(testPath, {}), testPath, { units, cut })
  // a file that cannot be read is found out now, also when nothing is held out
  if (holdout === 0) for await (const _ of pipeline.records(path, {})) break
  return holdout === 0 ? nothingHeldOut : openSplit(pipeline.records(path, {}), holdout, units, cut)
}

/** The records of the final test in file order; all records when nothing is held out. */
async function* heldOutRecords(
  spec: RunSpec,
  pipeline: DataPipeline,
  split: Split,
): AsyncGenerator<RawRecord> {
  const { path, testPath } = spec.data
  const all = testPath === '' && split.atMost < 0
  for await (const record of pipeline.records(testPath || path, {}))
    if (all || sideOf(split, record.key) === 'test') yield record
}

/** As they are, without what decided their side. */
export async function* heldOutRaws(
  spec: RunSpec,
  pipeline: DataPipeline,
  split: Split,
): AsyncGenerator<unknown> {
  for await (const { raw } of heldOutRecords(spec, pipeline, split)) yield raw
}

/**
 * What is independent among documents of the final test: those that share their prompt or text are one unit.
 * @param documents ordinals among the test's records
 * @returns by document: the first one of its unit; undefined: each is a unit of its own
 */
export async function unitsOf(
  documents: readonly number[],
  ...data: Parameters<typeof heldOutRecords>
): Promise<readonly number[] | undefined> {
  const last = Math.max(...documents.slice(-1), -1)
  const firsts = new Map<number, number>()
  const units: number[] = []
  for await (const { key } of heldOutRecords(...data)) {
    if (units.length > last) break
    const fraction = fractionOf(key)
    const unit = firsts.get(fraction) ?? units.length
    firsts.set(fraction, unit)
    units.push(unit)
  }
  const own = documents.map(document => units[document] ?? document)
  return new Set(own).size < own.length ? own : undefined
}
