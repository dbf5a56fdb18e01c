// The call that computes reference numbers again on this machine; each case is an event as soon as it is known.
import { resolve } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import type { VerifyRequest } from '../contract/verify'
import { isFailed, isSkipped, type VerifyContext } from '../verify/case'
import { casesOf, checks, ownReference, placesOf } from '../verify/checks'
import type { Context } from './context'

export type VerifyCalls = Pick<WorkbenchApi, 'verify'>

function checkNames(only: readonly string[]): readonly string[] {
  const known = Object.keys(checks)
  if (only.length === 0) return known
  const unknown = only.filter(name => !known.includes(name))
  if (unknown.length === 0) return only
  throw new Fault(
    'usage',
    `there is no check ${unknown.join(', ')}`,
    `Choose from ${known.join(', ')}.`,
  )
}

function contextOf(request: VerifyRequest, resources: string): VerifyContext {
  const { precision, device } = request
  const reference = resolve(request.reference || ownReference(resources))
  const places = (kind: 'models' | 'data'): string[] => [
    ...(request[kind] === '' ? [] : [resolve(request[kind])]),
    ...placesOf(reference, kind, resources),
  ]
  return {
    ...{ reference, models: places('models'), data: places('data'), device },
    ...(precision !== null && { precision }),
  }
}

export function verifyCalls({ resources, emit, cancellable }: Context): VerifyCalls {
  const verify = async (asked: VerifyRequest, signal: AbortSignal) => {
    const names = checkNames(asked.only)
    const context = contextOf(asked, resources)
    const { request } = asked
    let [total, failed, skipped] = [0, 0, 0]
    for (const name of names)
      for await (const one of casesOf(name, context)) {
        signal.throwIfAborted()
        total++
        if (isFailed(one)) failed++
        if (isSkipped(one)) skipped++
        emit('verified', { request, case: one })
      }
    if (total === skipped)
      throw new Fault(
        'not-found',
        `${context.reference} has none of the numbers of ${names.join(', ')}`,
        'Check the folder; tests/reference/README.md tells its layout.',
      )
    return { total, passed: total - failed - skipped, failed, skipped }
  }
  return { verify: asked => cancellable(asked.request, signal => verify(asked, signal)) }
}
