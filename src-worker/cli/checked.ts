// Options against the schema of what they become: what is wrong is told by its field.
import type { z } from 'zod'
import { Fault } from '../contract/fault'

/** Faults: `usage`, naming every field that is wrong. */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const what = parsed.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('; ')
  throw new Fault('usage', what, 'Correct these options.')
}
