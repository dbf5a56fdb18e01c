// Tables for spreadsheets (RFC 4180): the one writer of CSV files.
import { stringify } from 'csv-stringify/browser/esm/sync'

export type CsvCell = string | number | boolean | null | undefined

/**
 * Lines end with CR LF. Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay as
 * they are; null and undefined are empty.
 */
export const csvText = (rows: readonly (readonly CsvCell[])[]): string =>
  stringify(rows as CsvCell[][], {
    record_delimiter: '\r\n',
    escape_formulas: true,
    // by itself it quotes its own line end only
    quoted_match: /[\r\n]/,
    cast: { boolean: String },
  })
