import { expect, test } from 'vitest'
import type { VerifyCase } from '../../src-worker/verify/case'
import { verifyPathfinding } from '../../src-worker/verify/pathfinding'
import { shared } from '../shared'

const context = {
  reference: shared('reference'),
  models: shared('models'),
  data: shared('data'),
  device: 'cpu',
}

test('pathfinding and its batches equal the reference', async () => {
  const cases: VerifyCase[] = []
  for await (const each of verifyPathfinding(context)) cases.push(each)
  expect(cases.filter(each => !each.ok)).toEqual([])
  expect(cases.length).toBeGreaterThan(600)
})
