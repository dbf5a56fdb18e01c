import { expect, test } from 'vitest'
import { verifySoftPrompts } from '../../src-worker/verify/soft-prompts'
import { allCasesHold } from './check'

test('soft-prompts agree with float64', async () => {
  const cases = await allCasesHold(verifySoftPrompts)
  expect(cases.length).toBeGreaterThan(40)
})
