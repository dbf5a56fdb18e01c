// Records → documents: the one field of each that holds the text.
import { Fault, fail } from '../contract/fault'
import { usualTexts } from '../shared/usual-fields'
import { type BadRecordLimit, badRecordLimit } from './bad-record-limit'
import type { Fields, FieldsRecord, Where } from './fields'
import { fieldsRecords } from './files'
import { countSkip, type SkipCounts } from './skip-counts'

export interface Document {
  readonly text: string
  readonly fields: Fields
  readonly where: Where
  readonly notes?: readonly string[]
}

const wordsOf = (fields: Fields): string => Object.keys(fields).slice(0, 20).join(', ') || 'none'

/** Records that are looked at before a field is chosen. */
export const looked = 64

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''

/**
 * The field that holds the text: the first of the usual ones that is text in half of these records, else in most.
 * @param records the first of a file, at most `looked`
 * @param named empty: found by itself
 * Faults: bad-data.
 */
export function textField(records: readonly FieldsRecord[], named: string): string {
  if (named !== '') return named
  const times = (name: string) => records.filter(({ fields }) => isText(fields[name])).length
  const most = Math.max(...usualTexts.map(times))
  const enough = Math.min(most, records.length / 2)
  const found = usualTexts.find(name => times(name) >= enough)
  if (found !== undefined && most > 0) return found
  const { fields, where } = records[0] ?? fail('no record was looked at')
  throw new Fault(
    'bad-data',
    `${where.file}: record ${where.index} (at ${where.offset}) has no field ${usualTexts.join(', ')} that is text, nor have the ${records.length - 1} after it; its fields: ${wordsOf(fields)}`,
    'Name the field that holds the text.',
  )
}

/** The field that holds the text of a file or folder. Faults: as of documents. */
export async function textFieldOf(path: string, named: string): Promise<string> {
  if (named !== '') return named
  const first: FieldsRecord[] = []
  for await (const record of fieldsRecords(path, {})) if (first.push(record) >= looked) break
  if (first.length === 0) throw emptyFault(path)
  return textField(first, named)
}

interface Reading {
  readonly field: string
  readonly count: BadRecordLimit
}

function textOf(
  record: FieldsRecord,
  { field, count }: Reading,
  skipped: SkipCounts,
): string | undefined {
  const text = record.fields[field]
  if (typeof text === 'string') {
    count.good()
    return text
  }
  // a null here and there is no text, and no sign of another kind of file
  if (text === null) {
    countSkip(skipped, `field '${field}' is null`)
    return undefined
  }
  const why = text === undefined ? `no field '${field}'` : `field '${field}' is not text`
  count.bad(why, record.where.offset, ` (its fields: ${wordsOf(record.fields)})`)
  return undefined
}

/**
 * Documents of a file or folder, in order. Empty texts are skipped and counted.
 * @param path see fieldsRecords
 * @param field empty: found by itself, from the first records
 * Faults: bad-data (field missing, nothing usable), and those of fieldsRecords.
 */
export async function* documents(
  path: string,
  field: string,
  skipped: SkipCounts,
): AsyncGenerator<Document> {
  const chosen = await textFieldOf(path, field)
  const count = badRecordLimit(path, 'offset', skipped, 'Name the field that holds the text.')
  let seen = 0
  for await (const record of fieldsRecords(path, skipped)) {
    seen += 1
    const text = textOf(record, { field: chosen, count }, skipped)
    if (text === undefined) continue
    if (text.trim() === '') countSkip(skipped, 'empty text')
    else yield { text, ...record }
  }
  count.end()
  if (seen === 0) throw emptyFault(path)
}

export const emptyFault = (path: string): Fault =>
  new Fault('bad-data', `${path} holds no record`, 'Give data with at least one document.')
