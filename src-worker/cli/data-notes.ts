// What the data report of a run says to people: records left out, and warnings.

import { z } from 'zod'
import { reasonsText } from '../shared/reasons'

const reportSchema = z.object({
  skipped: z.record(z.string(), z.number()).default({}),
  held: z.array(z.string()).default([]),
  field: z.string().default(''),
  warnings: z.array(z.string()).default([]),
  threadFault: z.string().default(''),
})

/** A line for each thing worth knowing; none when all records were of use. */
export function dataNotes(report: Record<string, unknown>): readonly string[] {
  const parsed = reportSchema.safeParse(report)
  if (!parsed.success) return []
  const { skipped, held, field, warnings, threadFault } = parsed.data
  const reasons = reasonsText(skipped)
  // reports of older runs hold no survey
  const leftOut = reasons === '' ? [] : [`records left out: ${reasons}`]
  return [
    ...(held.length > 0 ? held : leftOut),
    ...(field === '' ? [] : [`the text is in the field ${field}`]),
    ...warnings,
    ...(threadFault === '' ? [] : [`data threads could not be used: ${threadFault}`]),
  ]
}

const shown = new WeakMap<object, Set<string>>()

/** Those that this terminal has not shown yet: the runs of a sweep read the same data, and once is enough. */
export function newNotes(terminal: object, notes: readonly string[]): readonly string[] {
  const before = shown.get(terminal) ?? new Set()
  shown.set(terminal, new Set([...before, ...notes]))
  return notes.filter(note => !before.has(note))
}
