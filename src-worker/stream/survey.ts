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
  /** different prompts or texts that are tested on: records that share one are on one side together, as one unit */
  readonly units: number
  /** units of the test that a training record equals but for case and white space; absent: none */
  readonly alike?: number
  /** false: only the first records were looked at */
  readonly whole: boolean
  /** what is to be said of whole files */
  readonly remarks?: readonly string[]
  /** lanes that one pass over each held-out half fills; as far as it was looked at */
  readonly lanes: { readonly validation: number; readonly test: number }
}

export interface SurveyedData {
  readonly spec: RunSpec
  readonly pipeline: DataPipeline
  readonly split: Split
}

interface Looking extends SurveyedData {
  readonly remarks: Set<string>
  readonly lanes: Map<Counting, number>
  /** what decided the side of each record that is used: its prompt, or its text */
  readonly keys: Map<Counting, Set<string>>
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

/** Lanes that an example fills: a lane of text goes on with its document until it is used up. */
const lanesOf = ({ lanes }: DataPipeline, { training }: RunSpec, tokens: number): number =>
  lanes === 'fresh' ? 1 : Math.ceil(tokens / training.length)

async function prepareInto(side: Counting, looking: Looking, records: readonly RawRecord[]) {
  const { pipeline, spec, lanes, keys } = looking
  const examples = await pipeline.prepare(records.map(({ raw }) => raw))
  for (const [i, example] of examples.entries()) {
    side.read += 1
    if (isSkipped(example)) countSkip(side.leftOut, example.skipped)
    else {
      side.used += 1
      keys.set(side, (keys.get(side) ?? new Set()).add(records[i]?.key ?? ''))
      lanes.set(side, (lanes.get(side) ?? 0) + lanesOf(pipeline, spec, example.ids.length))
      const found = [...(records[i]?.notes ?? []), ...(example.changes ?? [])]
      for (const why of found) countSkip(side.changed, why)
      if (example.warning !== undefined) countSkip(side.warned, example.warning)
    }
  }
}

/** Counts one file's records on the side that each belongs to. @returns whether it was read to its end */
async function look(
  looking: Looking,
  path: string,
  sideFor: (key: string) => Counting | undefined,
  unread: Counting,
): Promise<boolean> {
  const { pipeline, remarks } = looking
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
      if (some.length >= group) await prepareInto(side, looking, some.splice(0))
      waiting.set(side, some)
    }
    whole = records < mostRecords && bytes < mostBytes
    if (!whole) break
  }
  for (const [side, some] of waiting) await prepareInto(side, looking, some)
  for (const [why, times] of Object.entries(skipped)) {
    unread.read += times
    countSkip(pipeline.filters?.has(why) ? unread.filtered : unread.leftOut, why, times)
  }
  return whole
}

/** Without what a person does not take for a difference. */
const bare = (key: string): string =>
  key.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()

/** The same record is on one side; one that was typed otherwise may be on both. */
function alikeIn(test: ReadonlySet<string>, train: ReadonlySet<string>): number {
  const trained = new Set([...train].map(bare))
  return [...test].filter(key => trained.has(bare(key))).length
}

/** Faults: those of the pipeline's reader. */
export async function surveyOf(data: SurveyedData): Promise<DataSurvey> {
  const sides = { train: counting(), validation: counting(), test: counting() }
  const looking: Looking = { ...data, remarks: new Set(), lanes: new Map(), keys: new Map() }
  const whole = await lookAtBoth(looking, sides)
  const { train, validation } = sides
  // nothing held out: what is trained on is tested on
  const test = data.spec.data.testPath === '' && data.split.atMost < 0 ? train : sides.test
  const isCut = data.split.validation !== undefined
  const keysOf = (side: Counting): ReadonlySet<string> => looking.keys.get(side) ?? new Set()
  const alike = test === train ? 0 : alikeIn(keysOf(test), keysOf(train))
  const lanesOn = (side: Counting): number => looking.lanes.get(side) ?? 0
  return {
    ...{ train, test, whole },
    units: keysOf(test).size,
    ...(alike > 0 && { alike }),
    ...(isCut && { validation }),
    ...(looking.remarks.size > 0 && { remarks: [...looking.remarks] }),
    lanes: { validation: lanesOn(isCut ? validation : test), test: lanesOn(test) },
  }
}

/** @returns whether all files were read to their ends */
async function lookAtBoth(
  looking: Looking,
  sides: Readonly<Record<'train' | 'validation' | 'test', Counting>>,
): Promise<boolean> {
  const { spec, split } = looking
  const { path, testPath } = spec.data
  const { train, validation, test } = sides
  if (testPath === '') return look(looking, path, key => sides[sideOf(split, key)], train)
  const trained = (key: string) => (sideOf(split, key) === 'train' ? train : undefined)
  const heldOut = (key: string) => (sideOf(split, key) === 'validation' ? validation : test)
  const whole = await look(looking, path, trained, train)
  return (await look(looking, testPath, heldOut, test)) && whole
}
