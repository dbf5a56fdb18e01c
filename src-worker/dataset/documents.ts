// Records → documents: the one field of each that holds the text.
import { Fault } from '../contract/fault'
import { type BadRecordLimit, badRecordLimit } from './bad-record-limit'
import type { Fields, FieldsRecord, Where } from './fields'
import { fieldsRecords } from './files'
import { countSkip, type SkipCounts } from './skip-counts'

export interface Document {
  readonly text: string
  readonly fields: Fields
  readonly where: Where
}

/** The Pile, RedPajama v2, and what others use; the first that a record has. */
const usualFields = ['text', 'raw_content', 'content'] as const

const wordsOf = (fields: Fields): string => Object.keys(fields).slice(0, 20).join(', ') || 'none'

/**
 * The field of a record that holds the text.
 * @param named empty: found by itself
 * Faults: bad-data.
 */
export function textField({ fields, where }: FieldsRecord, named: string): string {
  if (named !== '') return named
  const found = usualFields.find(name => typeof fields[name] === 'string')
  if (found !== undefined) return found
  throw new Fault(
    'bad-data',
    `${where.file}: record ${where.index} (at ${where.offset}) has no field ${usualFields.join(', ')}; its fields: ${wordsOf(fields)}`,
    'Name the field that holds the text.',
  )
}

interface Reading {
  readonly field: string
  readonly count: BadRecordLimit
}

function textOf(record: FieldsRecord, { field, count }: Reading): string | undefined {
  const text = record.fields[field]
  if (typeof text === 'string') {
    count.good()
    return text
  }
  const why = text === undefined ? `no field '${field}'` : `field '${field}' is not text`
  count.bad(why, record.where.offset, ` (its fields: ${wordsOf(record.fields)})`)
  return undefined
}

/**
 * Documents of a file or folder, in order. Empty texts are skipped and counted.
 * @param path see fieldsRecords
 * @param field empty: found by itself, from the first record
 * Faults: bad-data (field missing, nothing usable), and those of fieldsRecords.
 */
export async function* documents(
  path: string,
  field: string,
  skipped: SkipCounts,
): AsyncGenerator<Document> {
  let reading: Reading | undefined
  let seen = 0
  for await (const record of fieldsRecords(path, skipped)) {
    seen += 1
    reading ??= {
      field: textField(record, field),
      count: badRecordLimit(path, 'offset', skipped, 'Name the field that holds the text.'),
    }
    const text = textOf(record, reading)
    if (text === undefined) continue
    if (text.trim() === '') countSkip(skipped, 'empty text')
    else yield { text, ...record }
  }
  reading?.count.end()
  if (seen === 0) throw emptyFault(path)
}

export const emptyFault = (path: string): Fault =>
  new Fault('bad-data', `${path} holds no record`, 'Give data with at least one document.')
