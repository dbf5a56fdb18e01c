// All records of a file, what is said of them, and what was left out.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { temporaryFolder } from '../temporary'

export async function readRecords(path: string) {
  const skipped: Record<string, number> = {}
  const records: unknown[] = []
  const notes: string[] = []
  for await (const record of fieldsRecords(path, skipped)) {
    records.push(record.fields)
    notes.push(...(record.notes ?? []))
  }
  return { records, notes, skipped }
}

/** Of a file of this name and content. */
export function readText(name: string, content: string | Uint8Array) {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return readRecords(path)
}
