import { expect, test } from 'vitest'
import { verifyTrajectories } from '../../src-worker/verify/trajectories'
import { allCasesHold } from './check'

test('trajectories agree with float64', async () => {
  const cases = await allCasesHold(verifyTrajectories)
  expect(cases.length).toBeGreaterThan(40)
})
