// The tests of the references run the code of `spw verify`: every case must be within its tolerance.
import { expect } from 'vitest'
import type { Verify, VerifyCase } from '../../src-worker/verify/case'
import { shared } from '../shared'

/** All cases of a check; fails with the cases that are not within their tolerance. */
export async function allCasesHold(verify: Verify): Promise<readonly VerifyCase[]> {
  const cases: VerifyCase[] = []
  const context = {
    reference: shared('reference'),
    models: shared('models'),
    data: shared('data'),
    device: 'cpu',
  }
  for await (const c of verify(context)) cases.push(c)
  expect(cases.filter(c => !c.ok)).toEqual([])
  return cases
}
