import { expect, test } from 'vitest'
import type { VerifyCase } from '../../src-worker/verify/case'
import { verifyTokenization } from '../../src-worker/verify/tokenization'
import { shared } from '../shared'

const context = {
  reference: shared('reference'),
  models: shared('models'),
  data: shared('data'),
  device: 'cpu',
}

test('ids, decoded texts and chat templates equal the reference', async () => {
  const cases: VerifyCase[] = []
  for await (const each of verifyTokenization(context)) cases.push(each)
  expect(cases.filter(each => !each.ok)).toEqual([])
  expect(cases.length).toBeGreaterThan(3000)
})
