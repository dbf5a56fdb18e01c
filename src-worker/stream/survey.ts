// What the data of a run hold: for training and for the test, how many records are read, used, left out and changed, by
// reason. One look before the run: the plan, the form, the run page, the command line and the report all tell of it.
import type { RunSpec } from '../contract/run-spec'
import { countSkip, type SkipCounts } from '../dataset/skip-counts'
import type { DataPipeline, RawRecord } from './data-pipeline'
import { isSkipped } from './example'
import { type Split, sideOf } from './split'

export interface SideSurvey {
  readonly read: number
  readonly used: number
  /** records that give no example, by reason */
  readonly leftOut: Readonly<Record<string, number>>
  /** records that the spec's own filter leaves out, by reason */
  readonly filtered: Readonly<Record<string, number>>
  /** examples that are not as their record had it, by reason */
  readonly changed: Readonly<Record<string, number>>
  /** examples that may not be as they were meant, by reason */
  readonly warned: Readonly<Record<string, number>>
}

export interface DataSurvey {
  readonly train: SideSurvey
  /** absent: the held-out side is not cut, its test data stand for both */
  readonly validation?: SideSurvey
  readonly test: SideSurvey
  /** false: only the first records were looked at */
  readonly whole: boolean
  /** what is to be said of whole files */
  readonly remarks?: readonly string[]
}

export interface SurveyedData {
  readonly spec: RunSpec
  readonly pipeline: DataPipeline
  readonly split: Split
}

interface Looking extends SurveyedData {
  readonly remarks: Set<string>
}

/** Records and bytes of one file that are looked at. */
const mostRecords = 4096
const mostBytes = 8 << 20
/** Records prepared together. */
const group = 64

interface Counting {
  read: number
  used: number
  leftOut: SkipCounts
  filtered: SkipCounts
  changed: SkipCounts
  warned: SkipCounts
}
const counting = (): Counting => ({
  ...{ read: 0, used: 0 },
  ...{ leftOut: {}, filtered: {}, changed: {}, warned: {} },
})

async function prepareInto(side: Counting, pipeline: DataPipeline, records: readonly RawRecord[]) {
  const examples = await pipeline.prepare(records.map(({ raw }) => raw))
  for (const [i, example] of examples.entries()) {
    side.read += 1
    if (isSkipped(example)) countSkip(side.leftOut, example.skipped)
    else {
      side.used += 1
      const found = [...(records[i]?.notes ?? []), ...(example.changes ?? [])]
      for (const why of found) countSkip(side.changed, why)
      if (example.warning !== undefined) countSkip(side.warned, example.warning)
    }
  }
}

/** Counts one file's records on the side that each belongs to. @returns whether it was read to its end */
async function look(
  { pipeline, remarks }: Looking,
  path: string,
  sideFor: (key: string) => Counting | undefined,
  unread: Counting,
): Promise<boolean> {
  const waiting = new Map<Counting, RawRecord[]>()
  const skipped: SkipCounts = {}
  let [records, bytes, whole] = [0, 0, true]
  for await (const record of pipeline.records(path, skipped, remarks)) {
    records += 1
    bytes += record.bytes
    const side = sideFor(record.key)
    if (side !== undefined) {
      const some = waiting.get(side) ?? []
      some.push(record)
      if (some.length >= group) await prepareInto(side, pipeline, some.splice(0))
      waiting.set(side, some)
    }
    whole = records < mostRecords && bytes < mostBytes
    if (!whole) break
  }
  for (const [side, some] of waiting) await prepareInto(side, pipeline, some)
  for (const [why, times] of Object.entries(skipped)) {
    unread.read += times
    countSkip(pipeline.filters?.has(why) ? unread.filtered : unread.leftOut, why, times)
  }
  return whole
}

/** Faults: those of the pipeline's reader. */
export async function surveyOf(data: SurveyedData): Promise<DataSurvey> {
  const remarks = new Set<string>()
  const survey = await lookAtBoth({ ...data, remarks })
  return remarks.size > 0 ? { ...survey, remarks: [...remarks] } : survey
}

async function lookAtBoth(data: Looking): Promise<DataSurvey> {
  const { path, testPath } = data.spec.data
  const { split } = data
  const sides = { train: counting(), validation: counting(), test: counting() }
  const { train, test } = sides
  const validation = split.validation === undefined ? {} : { validation: sides.validation }
  if (testPath !== '') {
    const trained = (key: string) => (sideOf(split, key) === 'train' ? train : undefined)
    const heldOut = (key: string) => (sideOf(split, key) === 'validation' ? sides.validation : test)
    const whole = await look(data, path, trained, train)
    const wholeTest = await look(data, testPath, heldOut, test)
    return { train, ...validation, test, whole: whole && wholeTest }
  }
  const whole = await look(data, path, key => sides[sideOf(split, key)], train)
  // nothing held out: what is trained on is tested on
  return { train, ...validation, test: split.atMost < 0 ? train : test, whole }
}
