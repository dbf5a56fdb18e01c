// Bad records among good ones: a few are counted and skipped, many mean that the file is not what it should be.
import { Fault } from '../contract/fault'
import { countSkip, type SkipCounts } from './skip-counts'

/** More than this share of at least `enough` records is too much. */
const tolerated = 0.01
const enough = 100
/** In the middle of a file a cluster of bad lines may still be thinned out by what follows. */
const cluster = 20
/** So many at the start without a good one, and the rest is not read. */
const hopeless = 50

export interface BadRecordLimit {
  good(): void
  /**
   * @param at offset of the record in the file, for the message
   * @param detail for the message only, so that reasons stay few
   */
  bad(reason: string, at: number, detail?: string): void
  /** at the end of the file */
  end(): void
}

/**
 * @param file named in faults
 * @param unit what `at` counts, for instance 'byte' or 'row'
 */
export function badRecordLimit(
  file: string,
  unit: string,
  skipped: SkipCounts,
  fix: string,
): BadRecordLimit {
  let total = 0
  let bad = 0
  let first: { reason: string; at: number } | undefined
  const refuse = (): never => {
    const { reason, at } = first ?? { reason: '', at: 0 }
    const message = `${file}: ${bad} of ${total} records are unusable; the first, at ${unit} ${at}: ${reason}`
    throw new Fault('bad-data', message, fix)
  }
  return {
    good: () => {
      total += 1
    },
    bad: (reason, at, detail = '') => {
      total += 1
      bad += 1
      first ??= { reason: `${reason}${detail}`, at }
      countSkip(skipped, reason)
      const allSoFar = bad === total && bad >= hopeless
      if (allSoFar || (total >= enough && bad > tolerated * total + cluster)) refuse()
    },
    end: () => {
      if (total > 0 && (bad === total || (total >= enough && bad > tolerated * total))) refuse()
    },
  }
}
