import { expect, test } from 'vitest'
import type { VerifyCase } from '../../src-worker/verify/case'
import { verifyGeneration } from '../../src-worker/verify/generation'
import { shared } from '../shared'

const context = {
  reference: shared('reference'),
  models: shared('models'),
  data: shared('data'),
  device: 'cpu',
}

test('greedy continuations equal the reference, alone and in a batch', async () => {
  const cases: VerifyCase[] = []
  for await (const each of verifyGeneration(context)) cases.push(each)
  expect(cases.filter(each => !each.ok)).toEqual([])
  expect(cases).toHaveLength(48)
})
