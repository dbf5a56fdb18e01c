// Held-out records that share a few prompts are counted by their prompts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPipeline } from '../../src-worker/behaviours/registry'
import { sideOf, splitOf } from '../../src-worker/stream/split'
import { surveyOf } from '../../src-worker/stream/survey'
import { surveyWarnings } from '../../src-worker/stream/survey-words'
import { contextOf } from '../behaviours/spec'
import { temporaryFolder } from '../temporary'

async function surveyed(rows: readonly unknown[]) {
  const path = join(temporaryFolder(), 'pairs.jsonl')
  writeFileSync(path, rows.map(row => JSON.stringify(row)).join('\n'))
  const context = await contextOf({
    ...{ experiment: { kind: 'custom' }, training: { length: 32 }, data: { path } },
  })
  const { spec } = context
  const pipeline = await openPipeline(context)
  const split = await splitOf(spec, pipeline)
  return { split, survey: await surveyOf({ spec, pipeline, split }) }
}

test.each([
  // prompts, records of each → different ones held out, as counted in the file
  [3, 67],
  [10, 20],
])('%i prompts of %i records each: how many are held out is said', async (prompts, each) => {
  const rows = Array.from({ length: prompts * each }, (_, i) => ({
    ...{ prompt: `q ${i % prompts}`, completion: ` a ${i}` },
  }))
  const { survey, split } = await surveyed(rows)
  const tested = rows.filter(({ prompt }) => sideOf(split, prompt) === 'test')
  const different = new Set(tested.map(({ prompt }) => prompt)).size
  const many = different === 1 ? 'all have one prompt or text' : `have only ${different} different`
  const said = surveyWarnings(survey).filter(warning => warning.includes('on one side together'))
  expect(said).toHaveLength(1)
  expect(said[0]).toContain(`The ${tested.length} records held out for the test ${many}`)
})

test('records that all have their own prompts say nothing of sides', async () => {
  const { survey } = await surveyed(
    Array.from({ length: 80 }, (_, i) => ({ prompt: `q ${i}`, completion: ` a ${i}` })),
  )
  expect(surveyWarnings(survey).join(' ')).not.toContain('on one side together')
})
