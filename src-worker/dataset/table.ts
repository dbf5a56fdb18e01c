// .csv and .tsv with a header line. Numbers stay text: who needs one, asks for it.
import { Readable } from 'node:stream'
import { type CsvError, type Info, parse } from 'csv-parse'
import { Fault } from '../contract/fault'
import { badRecordLimit } from './bad-record-limit'
import type { FieldsRecord } from './fields'
import type { SkipCounts } from './skip-counts'
import { textBytes } from './text-bytes'

interface WithInfo {
  readonly record: Record<string, string>
  readonly info: Info
}

const fix =
  'Give a UTF-8 table whose first line names the columns, with " around fields that hold commas.'

/** Bytes parsed before broken rows are counted: each error inside one row costs as much as the row is long. */
const atOnce = 8 << 10

/** @param between called between chunks; what it throws ends the reading */
async function* chunksOf(path: string, between: () => void): AsyncGenerator<Buffer> {
  for await (const { bytes } of textBytes(path))
    for (let at = 0; at < bytes.length; at += atOnce) {
      between()
      yield bytes.subarray(at, at + atOnce)
    }
}

/** A name that a broken row cannot have by chance. */
const wordsOf = (error: CsvError | undefined): string =>
  (error?.message ?? 'broken row').replace(/ (on|at) line \d+.*$/, '')

/**
 * Rows of a table as objects by column name.
 * Faults: bad-data (too many broken rows, with the line of the first), bad-file (see fileBytes).
 */
export async function* tableRecords(
  path: string,
  skipped: SkipCounts,
): AsyncGenerator<FieldsRecord> {
  const count = badRecordLimit(path, 'line', skipped, fix)
  const parser = parse({
    columns: true,
    bom: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: 64 << 20,
    delimiter: /\.tsv(\.gz|\.zst)?$/i.test(path) ? '\t' : ',',
  })
  const fates: (() => void)[] = []
  parser.on('skip', (error: CsvError | undefined) => {
    fates.push(() => count.bad(wordsOf(error), Number(error?.lines ?? 0)))
  })
  let index = 0
  // rows that come out are counted in their order; a table that is broken from somewhere on lets none out any more
  const brokenOn = (): void => {
    if (fates.length >= 1000) for (const report of fates.splice(0)) report()
  }
  const source = Readable.from(chunksOf(path, brokenOn), { objectMode: false })
  source.on('error', error => parser.destroy(error))
  try {
    for await (const row of source.pipe(parser)) {
      for (const report of fates.splice(0)) report()
      const { record, info } = row as WithInfo
      count.good()
      yield { fields: record, where: { file: path, index: index++, offset: info.lines } }
    }
    for (const report of fates.splice(0)) report()
    count.end()
  } catch (error) {
    if (error instanceof Fault) throw error
    const message = `${path} is no table: ${error instanceof Error ? error.message : String(error)}`
    throw new Fault('bad-file', message, fix, { cause: error })
  } finally {
    source.destroy()
  }
}
