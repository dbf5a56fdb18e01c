import { expect, test } from 'vitest'
import type { VerifyCase } from '../../src-worker/verify/case'
import { verifySampling } from '../../src-worker/verify/sampling'
import { shared } from '../shared'

const context = {
  reference: shared('reference'),
  models: shared('models'),
  data: shared('data'),
  device: 'cpu',
}

test('kept tokens and probabilities equal the reference', async () => {
  const cases: VerifyCase[] = []
  for await (const each of verifySampling(context)) cases.push(each)
  expect(cases.filter(each => !each.ok)).toEqual([])
  expect(cases.length).toBeGreaterThan(1000)
})
