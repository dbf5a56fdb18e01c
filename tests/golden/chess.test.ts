import { expect, test } from 'vitest'
import type { VerifyCase } from '../../src-worker/verify/case'
import { verifyChess } from '../../src-worker/verify/chess'
import { shared } from '../shared'

const context = {
  reference: shared('reference'),
  models: shared('models'),
  data: shared('data'),
  device: 'cpu',
}

test('chess and its batches equal the reference', async () => {
  const cases: VerifyCase[] = []
  for await (const each of verifyChess(context)) cases.push(each)
  expect(cases.filter(each => !each.ok)).toEqual([])
  expect(cases.length).toBeGreaterThan(900)
})
