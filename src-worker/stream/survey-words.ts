// A survey in words: what everybody should see before and after a run.
import { Fault } from '../contract/fault'
import { fewUnits } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { reasonsText, totalOf } from '../shared/reasons'
import type { DataSurvey, SideSurvey } from './survey'

/** More than this share left out is a warning. */
const tolerated = 0.05
/** Fewer held-out units are refused. */
const tooFewUnits = 8

function sideText(name: string, side: SideSurvey): string {
  const { read, used, leftOut, filtered, changed } = side
  const parts = [`${name}: ${read} read, ${used} used`]
  if (totalOf(leftOut) > 0) parts.push(`left out: ${reasonsText(leftOut)}`)
  if (totalOf(filtered) > 0) parts.push(`filtered: ${reasonsText(filtered)}`)
  if (totalOf(changed) > 0) parts.push(`changed: ${reasonsText(changed)}`)
  return parts.join('; ')
}

/** One line for training, validation and test data each, by reason. */
export function surveyLines({ train, validation, test, whole }: DataSurvey): readonly string[] {
  const name = (data: string): string => (whole ? data : `${data} (first records)`)
  return [
    sideText(name('training data'), train),
    ...(validation === undefined ? [] : [sideText(name('validation data'), validation)]),
    sideText(name('test data'), test),
  ]
}

function leftOutWarning(name: string, { read, leftOut }: SideSurvey): readonly string[] {
  const lost = totalOf(leftOut)
  if (lost <= tolerated * read) return []
  return [`${lost} of ${read} records of the ${name} data are left out: ${reasonsText(leftOut)}.`]
}

/** What concerns more than half of the examples is worth saying. */
export const isMost = (some: number, of: number): boolean => 2 * some > of

const exampleWarnings = ({ used, warned }: SideSurvey): readonly string[] =>
  Object.entries(warned).flatMap(([why, times]) =>
    isMost(times, used) ? [`In ${times} of ${used} training examples ${why}.`] : [],
  )

const testedOnTraining =
  'Nothing is held out: test losses are measured on documents that are trained on.'

/** What is independent is counted: records that share a prompt tell little more than one of them. */
function fewUnitsWarning({ train, validation, test, units, whole }: DataSurvey): readonly string[] {
  if (!whole || units >= fewUnits) return []
  const read = train.read + (validation?.read ?? 0) + test.read
  const are = units === 1 ? 'unit is' : 'units are'
  const shared =
    units < test.used
      ? ` ${units === 1 ? 'It has' : 'They have'} ${test.used} records: those that share a prompt or a text are one unit.`
      : ''
  return [
    `Only ${units} ${are} held out for the test (${read} read): differences between runs are mostly chance.${shared}`,
  ]
}

/** Prompts that were typed twice, not quite alike. */
const alikeWarning = ({ units, alike = 0 }: DataSurvey): readonly string[] =>
  alike === 0
    ? []
    : [
        `${alike} of ${units} units of the test differ from training data only by case or white space: what is learnt there is tested here.`,
      ]

/** What may make the numbers of a run mean less than they seem to. */
export function surveyWarnings(survey: DataSurvey): readonly string[] {
  const { train, validation, test, remarks = [] } = survey
  // what is trained on is tested on
  const same = test === train
  return [
    ...remarks,
    ...(same ? [testedOnTraining] : []),
    ...leftOutWarning('training', train),
    ...exampleWarnings(train),
    ...(validation === undefined ? [] : leftOutWarning('validation', validation)),
    ...(same ? [] : leftOutWarning('test', test)),
    ...(same ? [] : fewUnitsWarning(survey)),
    ...alikeWarning(survey),
  ]
}

/** Faults: bad-data, when fewer units are held out than a result can rest on and nobody asked for so few. */
export function checkHeldOut({ data }: RunSpec, { train, test, units, whole }: DataSurvey): void {
  const least = Math.min(tooFewUnits, data.heldOutUnits)
  if (data.testPath !== '' || data.holdout === 0) return
  // one question alone is on one side, whatever is answered
  if (test === train && least > 0 && train.read > 0)
    throw new Fault(
      'bad-data',
      `${data.path}: none of its ${train.read} records can be held out, because all have the same prompt or text`,
      'Give records with different prompts, or --holdout 0, which tests on what is trained on.',
    )
  if (!whole || units >= least) return
  const found =
    units < test.used
      ? `only ${units} different prompts or texts of its records (${test.used})`
      : `only ${test.used} of its records`
  const message = `${data.path}: ${found} would be held out for the test, fewer than ${least}`
  const fix = `Give more data or a file to test on, or ask for so few with --held-out-units ${Math.max(1, units)}.`
  throw new Fault('bad-data', message, fix)
}
