// The first records of a data set, for a person to look at. Reads no more than it shows.
import type { DatasetPreview } from '../contract/library'
import { emptyFault, looked, textField } from './documents'
import type { Fields, FieldsRecord } from './fields'
import { fieldsRecords } from './files'
import { fetchFile } from './remote'
import { countSkip, type SkipCounts } from './skip-counts'

/** characters of one field */
const longest = 2000

const shortened = (value: unknown): unknown =>
  typeof value === 'string' && value.length > longest ? `${value.slice(0, longest)}…` : value

const shown = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shortened(value)]))

/** A preview whose kind of data its first record shall tell. */
export type Seen = Omit<DatasetPreview, 'kind'> & { readonly first: Fields }

const foundField = (records: readonly FieldsRecord[], named: string): string => {
  try {
    return textField(records, named)
  } catch {
    return '' // a person will name it
  }
}

/**
 * The first records of a file or folder.
 * @param field the field that holds the text; empty: found by itself, if there is one
 * Faults: those of fieldsRecords; bad-data (no record).
 */
export async function preview(path: string, count: number, field = ''): Promise<Seen> {
  const skipped: SkipCounts = {}
  const seen: FieldsRecord[] = []
  for await (const record of fieldsRecords(path, skipped)) {
    seen.push(record)
    if (seen.length >= Math.max(count, looked)) break
  }
  const changed: SkipCounts = {}
  for (const why of seen.flatMap(({ notes = [] }) => notes)) countSkip(changed, why)
  const [first] = seen
  if (first === undefined) throw emptyFault(path)
  return {
    path,
    first: first.fields,
    field: foundField(seen, field),
    fields: [...new Set(seen.flatMap(({ fields }) => Object.keys(fields)))],
    rows: seen.slice(0, count).map(({ fields }) => shown(fields)),
    ...{ skipped, changed },
  }
}

/** Bytes of a remote file that are fetched for a look. */
const previewBytes = 1 << 20

/**
 * The first records of a remote file, of which no more than a MiB is fetched.
 * @param home SPW_HOME
 * Faults: those of fetchFile (a parquet file has no head) and preview.
 */
export async function previewRemote(
  url: string,
  count: number,
  field: string,
  home: string,
): Promise<Seen> {
  const shown = await preview(await fetchFile(url, { home, headBytes: previewBytes }), count, field)
  return { ...shown, path: url }
}
