import { expect, test } from 'vitest'
import { demoAnswer } from '../../src-worker/analysis/demo-answer'
import { lockedDemo } from '../../src-worker/behaviours/demos'

test('an answer of nothing says that nothing is there', () => {
  const { sentences, parts } = demoAnswer(lockedDemo(), new Map())
  expect(sentences.every(sentence => sentence.startsWith('No answer yet'))).toBe(true)
  expect(parts.every(({ elicitation, rows }) => elicitation === null && rows.length === 0)).toBe(
    true,
  )
})
