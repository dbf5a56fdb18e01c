// What every check of `spw verify` takes and yields. A folder laid out as tests/reference (its README) is compared, case
// by case, with what this machine computes. A part of it that is not there is skipped, which is no failure.

import { asFault } from '../contract/fault'
import type { Precision } from '../contract/run-spec'

export interface VerifyContext {
  /** folder with gradients/, tokenization/, snapshots/ … */
  readonly reference: string
  /** folders in which the models lie that it names, in the order of looking */
  readonly models: readonly string[]
  /** folders in which the data files lie that it names, in the order of looking */
  readonly data: readonly string[]
  /** auto, cpu or cuda:N */
  readonly device: string
  /** the one that is measured; all that the device has when not given */
  readonly precision?: Precision
}

export interface ComparedCase {
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

/** Cases that could not be compared, because a part of the reference is not there. */
export interface SkippedCase {
  readonly check: string
  readonly case: string
  readonly skipped: true
  /** what is not there */
  readonly note: string
}

export type VerifyCase = ComparedCase | SkippedCase

export const isSkipped = (one: VerifyCase): one is SkippedCase => 'skipped' in one
export const isFailed = (one: VerifyCase): boolean => !isSkipped(one) && !one.ok

/** One folder of goldens. */
export type Verify = (context: VerifyContext) => AsyncGenerator<VerifyCase, void>

/** Thrown where a folder, file, model or array of the reference is not there. */
export class Absent extends Error {}

function withoutResult(check: string, name: string, error: unknown): VerifyCase {
  if (error instanceof Absent) return { check, case: name, skipped: true, note: error.message }
  return compared(check, name, Number.NaN, 0, asFault(error).message)
}

/** The cases of one part; one skipped or failed case where it is absent or cannot be computed. The others still run. */
export async function* part(
  check: string,
  name: string,
  cases: AsyncIterable<VerifyCase> | Iterable<VerifyCase>,
): AsyncGenerator<VerifyCase, void> {
  try {
    yield* cases
  } catch (error) {
    yield withoutResult(check, name, error)
  }
}

/** A case whose numbers may be absent. */
export async function measured(
  check: string,
  name: string,
  tolerance: number,
  error: () => Promise<number>,
): Promise<VerifyCase> {
  try {
    return compared(check, name, await error(), tolerance)
  } catch (cause) {
    return withoutResult(check, name, cause)
  }
}

/** A case that is right when `error ≤ tolerance`; NaN is wrong. */
export function compared(
  check: string,
  name: string,
  error: number,
  tolerance: number,
  note?: string,
): ComparedCase {
  const ok = error <= tolerance
  return { check, case: name, error, tolerance, ok, ...(note === undefined ? {} : { note }) }
}

/** A case that must be equal: its error is the number of differing items. */
export function exact(
  check: string,
  name: string,
  actual: readonly unknown[],
  expected: readonly unknown[],
): ComparedCase {
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
