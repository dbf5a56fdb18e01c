import { expect, test } from 'vitest'
import type { VerifyCase } from '../../src-worker/verify/case'
import { verifySnapshots } from '../../src-worker/verify/snapshots'
import { shared } from '../shared'

const context = {
  reference: shared('reference'),
  models: shared('models'),
  data: shared('data'),
  device: 'cpu',
}

test("the original's snapshots open bit for bit, malformed ones are refused", async () => {
  const cases: VerifyCase[] = []
  for await (const each of verifySnapshots(context)) cases.push(each)
  expect(cases.filter(each => !each.ok)).toEqual([])
  expect(cases.length).toBeGreaterThan(150)
})
