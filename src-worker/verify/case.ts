// What every check of `spw verify` takes and yields. A folder laid out as the project's reference data is compared,
// case by case, with what this machine computes.

import type { Precision } from '../contract/run-spec'

export interface VerifyContext {
  /** folder with gradients/, tokenization/, snapshots/ … */
  readonly reference: string
  /** folder of the reference models */
  readonly models: string
  /** folder of the reference data files */
  readonly data: string
  /** auto, cpu or cuda:N */
  readonly device: string
  /** the one that is measured; all that the device has when not given */
  readonly precision?: Precision
}

export interface VerifyCase {
  /** name of the check, for instance tokenization */
  readonly check: string
  readonly case: string
  /** in the unit of the tolerance; for exact comparisons the number of differences */
  readonly error: number
  readonly tolerance: number
  readonly ok: boolean
  /** what differs first, or why a case could not run */
  readonly note?: string
}

/** One folder of goldens. */
export type Verify = (context: VerifyContext) => AsyncGenerator<VerifyCase, void>

/** A case that is right when `error ≤ tolerance`; NaN is wrong. */
export function compared(
  check: string,
  name: string,
  error: number,
  tolerance: number,
  note?: string,
): VerifyCase {
  const ok = error <= tolerance
  return { check, case: name, error, tolerance, ok, ...(note === undefined ? {} : { note }) }
}

/** A case that must be equal: its error is the number of differing items. */
export function exact(
  check: string,
  name: string,
  actual: readonly unknown[],
  expected: readonly unknown[],
): VerifyCase {
  let differences = Math.abs(actual.length - expected.length)
  let first: number | undefined
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
    if (Object.is(actual[i], expected[i])) continue
    differences++
    first ??= i
  }
  if (differences === 0) return compared(check, name, 0, 0)
  const at = first ?? Math.min(actual.length, expected.length)
  const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
  const note = `item ${at} is ${show(actual[at])}, expected ${show(expected[at])}`
  return compared(check, name, differences, 0, note)
}
