// What a schema refuses, for people: each field with what it is and what it should be.
import type { z } from 'zod'

const shortest = 60

/** A value as it was written, cut when it is long. */
function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > shortest ? `${text.slice(0, shortest)}…` : text
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null)?.[key], value)

interface IssueOptions {
  /** also fields that are not there */
  readonly missing?: boolean
}

/**
 * training.steps is -1: too small, expected number to be >=0; data.path is missing
 * @param value what was checked
 */
export function issuesText(
  { issues }: z.core.$ZodError,
  value: unknown,
  { missing = true }: IssueOptions = {},
): string {
  const texts = issues.flatMap(({ path, message }) => {
    const field = path.length === 0 ? 'it' : path.join('.')
    const given = valueAt(value, path)
    if (given === undefined) return missing ? [`${field} is missing`] : []
    return [`${field} is ${shown(given)}: ${message}`]
  })
  return texts.join('; ')
}
