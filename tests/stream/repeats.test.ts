// Held-out records that share a prompt are one unit: limits and warnings count units.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPipeline } from '../../src-worker/behaviours/registry'
import { sideOf, splitOf, unitsOf } from '../../src-worker/stream/split'
import { surveyOf } from '../../src-worker/stream/survey'
import { checkHeldOut, surveyWarnings } from '../../src-worker/stream/survey-words'
import { contextOf } from '../behaviours/spec'
import { temporaryFolder } from '../temporary'

async function surveyed(rows: readonly unknown[]) {
  const path = join(temporaryFolder(), 'pairs.jsonl')
  writeFileSync(path, rows.map(row => JSON.stringify(row)).join('\n'))
  const context = await contextOf({
    ...{
      experiment: { kind: 'custom' },
      training: { length: 32 },
      data: { path, heldOutUnits: 32 },
    },
  })
  const { spec } = context
  const pipeline = await openPipeline(context)
  const split = await splitOf(spec, pipeline)
  const units = (documents: readonly number[]) => unitsOf(documents, spec, pipeline, split)
  return { spec, split, units, survey: await surveyOf({ spec, pipeline, split }) }
}

/** @returns rows of so many prompts in turn */
const rowsOf = (prompts: number, each: number) =>
  Array.from({ length: prompts * each }, (_, i) => ({
    ...{ prompt: `q ${i % prompts}`, completion: ` a ${i}` },
  }))

test.each([
  // prompts, records of each
  [3, 67],
  [10, 20],
  [200, 2],
])('%i prompts of %i records each are judged by their prompts', async (prompts, each) => {
  const rows = rowsOf(prompts, each)
  const { survey, split, spec } = await surveyed(rows)
  const tested = rows.filter(({ prompt }) => sideOf(split, prompt) === 'test')
  const different = new Set(tested.map(({ prompt }) => prompt)).size
  expect([survey.units, survey.test.used]).toEqual([different, tested.length])
  const warnings = surveyWarnings(survey).join(' ')
  const check = () => checkHeldOut(spec, survey)
  if (prompts > 100) {
    expect(warnings).not.toContain('held out for the test')
    expect(check).not.toThrow()
    return
  }
  const [are, have] = different === 1 ? ['unit is', 'It has'] : ['units are', 'They have']
  expect(warnings).toContain(`Only ${different} ${are} held out for the test (${rows.length} read)`)
  expect(warnings).toContain(`${have} ${tested.length} records: those that share a prompt`)
  const found = `only ${different} different prompts or texts of its records (${tested.length}) would be held out`
  expect(check).toThrow(found)
  const asked = { ...spec, data: { ...spec.data, heldOutUnits: different } }
  expect(() => checkHeldOut(asked, survey)).not.toThrow()
})

test('records that all have their own prompts say nothing of shared ones', async () => {
  const { survey } = await surveyed(rowsOf(40, 1))
  expect(surveyWarnings(survey).join(' ')).toMatch(
    /Only \d+ units are held out for the test[^.]*\.$/,
  )
})

test('the losses of records that share a prompt are resampled together', async () => {
  const rows = rowsOf(40, 3)
  const { split, units } = await surveyed(rows)
  const tested = rows.filter(({ prompt }) => sideOf(split, prompt) === 'test')
  const first = tested.map(({ prompt }) => tested.findIndex(other => other.prompt === prompt))
  const all = [...tested.keys()]
  expect(await units(all)).toEqual(first)
  // one that gave no label is not among them
  expect(await units(all.slice(1))).toEqual(first.slice(1))
  // as far as the test came, none shares its prompt
  const beginning = all.slice(
    0,
    first.findIndex((unit, i) => unit !== i),
  )
  expect(await units(beginning)).toBeUndefined()
  expect(await units([])).toBeUndefined()
})
