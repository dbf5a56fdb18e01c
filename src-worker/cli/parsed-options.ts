// Options against the schema of what they become: what is wrong is named by its field or its flag.

import type { z } from 'zod'
import { Fault } from '../contract/fault'
import { issuesText } from '../contract/issues'
import type { PromptedModel } from '../contract/playground'

/** Faults: `usage`, naming every field that is wrong. */
export function parsedOptions<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Fault('usage', issuesText(parsed.error, value), 'Correct these options.')
}

/**
 * The same for a request whose fields are flags: maxTokens is --max-tokens; others are named in `flags`, by field.
 * Faults: `usage`, with the first flag that is wrong, its value and its range.
 */
export function parsedFlags<S extends z.ZodType>(
  schema: S,
  value: unknown,
  flags: Readonly<Record<string, string>> = {},
): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue === undefined) return parsedOptions(schema, value)
  // of a list the list: its places have no flags
  const field = String(issue.path.filter(key => typeof key === 'string').at(-1) ?? '')
  const flag = `--${flags[field] ?? field.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
  const [wrong, range] = complaint(issue)
  const given = valueAt(value, issue.path)
  throw new Fault('usage', `${flag} ${given} ${wrong}`, `Give ${flag} ${range}.`)
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value)

/** What is wrong with a value, and what would be right. */
function complaint(issue: z.core.$ZodIssue): readonly [string, string] {
  switch (issue.code) {
    case 'too_small':
      return [`is less than ${issue.minimum}`, `${issue.minimum} or more`]
    case 'too_big':
      return [`is more than ${issue.maximum}`, `${issue.maximum} or less`]
    case 'invalid_type':
      return ['is not a whole number', 'a whole number']
    case 'invalid_value':
      return [
        'is not known',
        issue.values
          .slice(0, -1)
          .join(', ')
          .concat(` or ${String(issue.values.at(-1))}`),
      ]
    default:
      return [`is wrong: ${issue.message}`, 'another value']
  }
}

export const numberFrom = (flag: string, text: string): number => {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new Fault('usage', `--${flag} ${text} is not a number`, `Give --${flag} a number.`)
}

export function numbersFrom(flag: string, text: string | undefined): number[] {
  if (text === undefined || text === '') return []
  const numbers = text.split(',').map(Number)
  if (text.split(',').every(part => part.trim() !== '') && numbers.every(Number.isFinite))
    return numbers
  throw new Fault('usage', `--${flag} ${text} are not numbers`, 'Give numbers, comma separated.')
}

export interface PromptedModelOptions {
  readonly snapshot?: string
  readonly model?: string
  readonly startToken?: boolean
}

export function promptedModelOf(options: PromptedModelOptions): PromptedModel {
  const { snapshot = '', model = '' } = options
  if (snapshot === '' && model === '')
    throw new Fault('usage', 'neither --snapshot nor --model is given', 'Name one of them.')
  return { model, snapshot, startToken: options.startToken === true }
}
