// .csv and .tsv with a header line. Numbers stay text: who needs one, asks for it.
import { Readable } from 'node:stream'
import { type CsvError, type Info, parse } from 'csv-parse'
import { Fault } from '../contract/fault'
import { badRecordLimit } from './bad-record-limit'
import { type FieldsRecord, sameNames } from './fields'
import { isHead } from './head'
import { countSkip, type SkipCounts } from './skip-counts'
import { textBytes } from './text-bytes'

interface WithInfo {
  readonly record: Record<string, string>
  readonly info: Info
  /** as it stands in the file, blank lines before it too */
  readonly raw: string
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

/** Places in which a row may be broken. */
const mostBreaks = 20

interface Shape {
  readonly delimiter: string
  /** line that names the columns, if nothing but blank lines goes before it */
  readonly header: number
}

const quoted = /"(?:[^"]|"")*"/g

/** A table's own line for spreadsheets: `sep=;` */
const separatorLine = /^sep=(.)\r?$/i

/**
 * What separates the columns: tabs in .tsv; in .csv what the line of names has most of, since spreadsheets write
 * semicolons where a comma stands in numbers.
 */
async function shapeOf(path: string): Promise<Shape> {
  const tabs = { delimiter: '\t', header: 1 }
  if (/\.tsv(\.gz|\.zst)?$/i.test(path)) return tabs
  for await (const { bytes } of textBytes(path)) {
    const lines = bytes.toString('utf8').split(/\r\n|\n|\r/)
    const first = lines.find(line => line.trim() !== '')
    if (first === undefined) continue
    const said = separatorLine.exec(first)?.[1]
    if (said !== undefined) return { delimiter: said, header: lines.indexOf(first) + 2 }
    const names = first.replace(quoted, '')
    const times = (sign: string) => names.split(sign).length
    const delimiter = [',', ';', '\t', '|'].reduce((a, b) => (times(b) > times(a) ? b : a))
    return { delimiter, header: 1 }
  }
  return { delimiter: ',', header: 1 }
}

/** Names of the columns; one without a name gets its place. Faults: bad-data (a name that occurs twice). */
function columnNames(path: string, names: readonly string[]): string[] {
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) < i)
  if (twice === undefined) return names.map((name, i) => name || `column ${i + 1}`)
  throw sameNames(path, twice)
}

/** A quote that is never closed takes all rows behind it: these are not one broken row. */
function neverClosed(path: string, line: number): Fault {
  const message = `${path}: a quote that opens behind line ${line} is never closed, so that nothing behind it can be read`
  return new Fault('bad-file', message, fix)
}

export const namesAgain = 'the line of names once more: files that were put together'

/** A row without the byte order mark that files bring with them when they are put together; undefined: it is the line of names. */
function ownRow(record: Record<string, string>): Record<string, string> | undefined {
  const [[name, value] = ['', '']] = Object.entries(record)
  const row = value.startsWith('\ufeff') ? { ...record, [name]: value.slice(1) } : record
  const cells = Object.entries(row)
  return cells.every(([column, cell]) => column === cell) ? undefined : row
}

const betweenRows = /[\r\n]/

/**
 * Whether behind each quoted field the next field or the row's end follows. A quote within a field that does not begin
 * with one is text, as Python's csv and pandas read it; the parser takes both for text.
 */
function closesWell(raw: string, delimiter: string): boolean {
  let at = raw.search(/[^\r\n]/)
  while (at >= 0 && raw.indexOf('"', at) >= 0) {
    if (raw[at] === '"') {
      let end = raw.indexOf('"', at + 1)
      while (end >= 0 && raw[end + 1] === '"') end = raw.indexOf('"', end + 2)
      const next = end < 0 ? undefined : raw[end + 1]
      if (next !== delimiter) return next === undefined || betweenRows.test(next)
      at = end + 2
    } else {
      const next = raw.indexOf(delimiter, at)
      at = next < 0 ? next : next + 1
    }
  }
  return true
}

export const unclosed =
  'a quoted field goes on behind its closing quote (a quote within one is written twice)'

/** A name that a broken row cannot have by chance. */
const wordsOf = (error: CsvError | undefined): string =>
  (error?.message ?? 'broken row').replace(/ (on|at) line \d+.*$/, '')

/**
 * Rows of a table as objects by column name.
 * Faults: bad-data (too many broken rows, with the line of the first; a name twice), bad-file (a quote that is never closed; see fileBytes).
 */
export async function* tableRecords(
  path: string,
  skipped: SkipCounts,
): AsyncGenerator<FieldsRecord> {
  const count = badRecordLimit(path, 'line', skipped, fix)
  const { delimiter, header } = await shapeOf(path)
  const parser = parse({
    columns: names => columnNames(path, names),
    from_line: header,
    bom: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: 64 << 20,
    relax_quotes: true,
    raw: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    delimiter,
  })
  const fates: (() => void)[] = []
  let lastLine = 0
  let broken = { line: -1, times: 0 }
  parser.on('skip', (error: CsvError | undefined) => {
    if (error?.code === 'CSV_QUOTE_NOT_CLOSED' && !isHead(path))
      fates.push(() => {
        throw neverClosed(path, lastLine)
      })
    const line = Number(error?.lines ?? 0)
    // one row may be broken in several places; in very many, the file is no table
    broken = line === broken.line ? { line, times: broken.times + 1 } : { line, times: 1 }
    if (broken.times === 1 || broken.times > mostBreaks)
      fates.push(() => count.bad(wordsOf(error), line))
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
      const { record, info, raw } = row as WithInfo
      lastLine = info.lines
      if (!closesWell(raw, delimiter)) {
        count.bad(unclosed, info.lines)
        continue
      }
      const fields = ownRow(record)
      if (fields === undefined) {
        countSkip(skipped, namesAgain)
        continue
      }
      count.good()
      yield { fields, where: { file: path, index: index++, offset: info.lines } }
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
