// A list in a record, or the text of one: tables cannot hold lists.
import { parseWritten } from '../../dataset/written-json'

export function asList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined
  try {
    const parsed = parseWritten(value)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
