// One record of a data file as named fields, and where it lies.
import { Fault } from '../contract/fault'

export interface Where {
  readonly file: string
  /** ordinal of the record in the file, bad ones counted */
  readonly index: number
  /** byte of the decompressed text, or the row of a table */
  readonly offset: number
}

export type Fields = Readonly<Record<string, unknown>>

export interface FieldsRecord {
  readonly fields: Fields
  readonly where: Where
  /** what is not as the file has it, by reason */
  readonly notes?: readonly string[]
}

/** Two columns of one name: which one is meant nobody can tell. */
export const sameNames = (path: string, name: string): Fault =>
  new Fault(
    'bad-data',
    `${path}: two columns are called ${JSON.stringify(name)}`,
    'Give each column a name of its own.',
  )

/** With notes, if there are any. */
export const noted = <T extends object>(
  value: T,
  notes: readonly string[],
): T & { readonly notes?: readonly string[] } => (notes.length > 0 ? { ...value, notes } : value)

/** Reads one file's records, adding to `skipped` what it cannot use. */
export type FieldsReader = (
  path: string,
  skipped: Record<string, number>,
) => AsyncIterable<FieldsRecord>
