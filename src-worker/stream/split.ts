// Which records are held out. A record's content alone decides, so that the same text is never on both sides, the
// split is the same for every seed, model and length, and it needs no list of the whole data set.
import { createHash } from 'node:crypto'
import { nothingIsHeldOut } from '../contract/run'
import type { RawRecord } from './record'

export type Side = 'train' | 'test'

/** A record is held out when its fraction is at most `atMost` (below 0: nothing is), or among `also`. */
export interface Split {
  readonly atMost: number
  /** fractions of records of a test file */
  readonly also?: ReadonlySet<number>
  /** in words, for the report */
  readonly how: string
}

/** The first 48 bits of the key's sha256 as a number in [0, 1). */
export function fractionOf(key: string): number {
  return createHash('sha256').update(key, 'utf8').digest().readUIntBE(0, 6) / 2 ** 48
}

export function sideOf(split: Split, key: string): Side {
  if (split.atMost < 0 && split.also === undefined) return 'train'
  const fraction = fractionOf(key)
  return fraction <= split.atMost || split.also?.has(fraction) ? 'test' : 'train'
}

/** Records looked at to make sure that enough of small data are held out. */
const smallData = 2000

export const nothingHeldOut: Split = { atMost: -1, how: nothingIsHeldOut }

/**
 * The split of a data set: a share by content hash, and in small data at least `units` of its different records, up to
 * half of them; one, where none is asked for.
 * @param holdout share in [0, 1); 0: nothing is held out
 */
export async function openSplit(
  records: AsyncIterable<RawRecord>,
  holdout: number,
  units = 1,
): Promise<Split> {
  if (holdout <= 0) return nothingHeldOut
  const share = `${holdout * 100} % of the records, by content hash`
  const below = new Set<number>()
  const keys = new Set<number>()
  let seen = 0
  for await (const { key } of records) {
    const fraction = fractionOf(key)
    keys.add(fraction)
    if (fraction <= holdout) below.add(fraction)
    seen += 1
    if (below.size >= units || seen >= smallData) return { atMost: holdout, how: share }
  }
  const most = Math.min(units, Math.floor(keys.size / 2))
  if (below.size >= most && below.size > 0) return { atMost: holdout, how: share }
  const smallest = [...keys].sort((a, b) => a - b)
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
  most = mostTestRecords,
): Promise<Split> {
  const also = new Set<number>()
  let whole = true
  for await (const { key } of test) {
    const fraction = fractionOf(key)
    whole = also.size < most || also.has(fraction)
    if (!whole) break
    also.add(fraction)
  }
  const what = whole ? file : `${file}, in its first ${most} different records,`
  return { atMost: -1, also, how: `${what} is tested on; its records are not trained on` }
}
