// Records that were typed twice, not quite alike, may stand on both sides: the warning counts them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPipeline } from '../../src-worker/behaviours/registry'
import { sideOf, splitOf } from '../../src-worker/stream/split'
import { surveyOf } from '../../src-worker/stream/survey'
import { surveyWarnings } from '../../src-worker/stream/survey-words'
import { contextOf } from '../behaviours/spec'
import { temporaryFolder } from '../temporary'

test('prompts of training and test that differ by case or white space alone are a warning', async () => {
  const typed = (i: number) => [`What is ${i}?`, `what  is ${i}? `, `WHAT\tIS ${i}?`]
  const rows = Array.from({ length: 60 }, (_, i) =>
    typed(i).map(prompt => ({ prompt, completion: 'x' })),
  )
  const path = join(temporaryFolder(), 'alike.jsonl')
  writeFileSync(
    path,
    rows
      .flat()
      .map(row => JSON.stringify(row))
      .join('\n'),
  )
  const { spec, ...context } = await contextOf({ experiment: { kind: 'custom' }, data: { path } })
  const pipeline = await openPipeline({ ...context, spec })
  const split = await splitOf(spec, pipeline)
  const survey = await surveyOf({ spec, pipeline, split })
  const sideOfAll = rows.map((_, i) => typed(i).map(key => sideOf(split, key)))
  const alike = sideOfAll
    .filter(sides => sides.includes('train'))
    .flatMap(sides => sides.filter(side => side === 'test')).length
  expect(alike).toBeGreaterThan(0)
  expect(surveyWarnings(survey).at(-1)).toBe(
    `${alike} of ${survey.units} units of the test differ from training data only by case or white space: what is learnt there is tested here.`,
  )
})
