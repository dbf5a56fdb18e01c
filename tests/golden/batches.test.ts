import { expect, test } from 'vitest'
import { verifyBatches } from '../../src-worker/verify/batches'
import type { VerifyCase } from '../../src-worker/verify/case'
import { shared } from '../shared'

test('slots, labels, counts, losses and lanes are the original ones', async () => {
  const wrong: VerifyCase[] = []
  let count = 0
  const context = {
    reference: shared('reference'),
    models: shared('models'),
    data: shared('data'),
    device: 'cpu',
  }
  for await (const result of verifyBatches(context)) {
    count += 1
    if (!result.ok) wrong.push(result)
  }
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThan(1700)
})
