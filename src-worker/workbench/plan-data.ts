// What the data of a plan hold, each data set looked at once: counts by reason, and what is to be feared of them.
import { LRUCache } from 'lru-cache'
import { behaviourOf, openPipeline } from '../behaviours/registry'
import { asFault, Fault, faultText } from '../contract/fault'
import type { Plan } from '../contract/plan'
import type { RunSpec } from '../contract/run-spec'
import { isUrl } from '../dataset/remote'
import { filesMark, sameExamples } from '../stream/known-surveys'
import { withLocalData } from '../stream/local-data'
import { splitOf } from '../stream/split'
import { type DataSurvey, surveyOf } from '../stream/survey'
import { checkHeldOut, surveyLines, surveyWarnings } from '../stream/survey-words'
import type { Places } from '../train/home'
import { openModel } from '../train/prepare'

type Shown = Plan['data'][number]
export interface PlanData extends Shown {
  /** what one pass over the held-out data is; absent: more than was looked at, or nothing could be read */
  readonly heldOut?: HeldOutSize
}
/** Lanes that each half fills, and the records of the test. */
export type HeldOutSize = DataSurvey['lanes'] & { readonly units: number }
/** Kept between plans: a form asks again at each change, and most changes are none of the data. */
export type KnownSurveys = LRUCache<string, Promise<PlanData>>
export const noSurveys = (): KnownSurveys => new LRUCache({ max: 32 })

async function lookAt(spec: RunSpec, places: Places): Promise<PlanData> {
  const { path } = spec.data
  const context = { ...(await openModel(spec.model, places)), spec }
  const pipeline = await openPipeline(context)
  const survey: DataSurvey = await surveyOf({
    spec,
    pipeline,
    split: await splitOf(spec, pipeline),
  })
  const warnings = [...surveyWarnings(survey)]
  try {
    checkHeldOut(spec, survey)
  } catch (error) {
    warnings.push(faultText(asFault(error)))
  }
  const { lanes, test, whole } = survey
  const size = whole ? { heldOut: { ...lanes, units: test.used } } : {}
  return { path, held: [...surveyLines(survey)], warnings, ...size }
}

/** Nothing of a file that is still to be fetched. What keeps data from being read is a warning here. */
async function surveyed(spec: RunSpec, places: Places, known: KnownSurveys): Promise<PlanData[]> {
  const { path, testPath } = spec.data
  if (isUrl(path) || isUrl(testPath)) return []
  try {
    const { demoData } = behaviourOf(spec.experiment.kind)
    const local = await withLocalData(demoData, { ...places, spec })
    const key = `${sameExamples(local)} ${await filesMark(local)}`
    const work = known.get(key) ?? lookAt(local, places)
    known.set(key, work)
    return [await work]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [{ path, held: [], warnings: [faultText(error)] }]
  }
}

export interface PlannedData {
  /** one entry a data set, behaviour and model */
  readonly data: readonly Shown[]
  /** what a cell is tested on; undefined: not known, or more than its tests ask for */
  heldOutOf(spec: RunSpec): HeldOutSize | undefined
}

export async function planData(
  specs: readonly RunSpec[],
  places: Places,
  known: KnownSurveys,
): Promise<PlannedData> {
  const different = new Map(specs.map(spec => [sameExamples(spec), spec]))
  const found = new Map<string, PlanData[]>()
  for (const [key, spec] of different) found.set(key, await surveyed(spec, places, known))
  const all = [...found.values()].flat()
  return {
    data: all.map(({ heldOut: _, ...shown }) => shown),
    heldOutOf: spec => found.get(sameExamples(spec))?.[0]?.heldOut,
  }
}
