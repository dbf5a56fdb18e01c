import { expect, test } from 'vitest'
import { verifyGradients } from '../../src-worker/verify/gradients'
import { allCasesHold } from './check'

test('losses and prompt gradients of whole models agree with float64', async () => {
  const cases = await allCasesHold(verifyGradients)
  expect(cases.length).toBeGreaterThan(150)
})
