// .parquet, a row group at a time. Only the footer and one row group are held.
import { open } from 'node:fs/promises'
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { asFault, Fault, fail } from '../contract/fault'
import { firstBytes } from './bytes'
import { likelyEncoding } from './encodings'
import { type FieldsRecord, noted, sameNames } from './fields'
import { isHead } from './head'
import { parsers, rowWriter } from './parquet-values'

const fix = 'Get the file again.'

/** Rows read at once from a larger row group. */
const mostRows = 20_000

const broken = (path: string, where: string, cause: unknown): Fault => {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Fault(
    'bad-file',
    `${path} is no parquet file that can be read (${where}): ${why}`,
    fix,
    {
      cause,
    },
  )
}

async function notUtf8(path: string, row: number, { bytes, column }: BadText): Promise<Fault> {
  const likely = (await likelyEncoding(Buffer.from(bytes))).name
  const what = `${path}: row ${row}, column ${column} holds bytes that are no UTF-8`
  return new Fault('bad-file', `${what}; they are likely ${likely}`, 'Write its texts as UTF-8.')
}

async function checkMagic(path: string): Promise<void> {
  if (isHead(path))
    throw new Fault(
      'usage',
      `${path} is the head of a parquet file, whose index lies at its end`,
      'Fetch the whole file: set the size of the head to 0.',
    )
  const head = await firstBytes(path, 4)
  if (head.toString('latin1') !== 'PAR1')
    throw new Fault('bad-file', `${path} does not begin as parquet does (byte 0)`, fix)
}

/**
 * Rows of a parquet file as objects by column name.
 * Faults: bad-file (no parquet, truncated, corrupt: with the row group), usage (a head).
 */
export async function* parquetRecords(path: string): AsyncGenerator<FieldsRecord> {
  await checkMagic(path)
  const handle = await open(path).catch(error => {
    throw asFault(error)
  })
  try {
    const { size } = await handle.stat()
    const file: AsyncBuffer = {
      byteLength: size,
      slice: async (start, end = size) => {
        const bytes = Buffer.alloc(end - start)
        await handle.read(bytes, 0, bytes.length, start)
        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
      },
    }
    yield* rowsOf(path, file)
  } finally {
    await handle.close()
  }
}

interface BadText {
  readonly bytes: Uint8Array
  readonly column: string
}

/** A column of JSON may hold what is none, one of text what is no UTF-8. */
async function rowFault(path: string, row: number, error: unknown, bad?: BadText): Promise<Fault> {
  if (bad !== undefined) return notUtf8(path, row, bad)
  return error instanceof Fault ? error : broken(path, `row ${row}`, error)
}

/** A row as an object would hold one of them alone. */
function refuseNamesTwice(path: string, metadata: FileMetaData): void {
  const names = parquetSchema(metadata).children.map(({ element }) => element.name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw sameNames(path, twice)
}

async function* rowsOf(path: string, file: AsyncBuffer): AsyncGenerator<FieldsRecord> {
  const metadata = await parquetMetadataAsync(file).catch(cause => {
    throw broken(path, `its index, before byte ${file.byteLength}`, cause)
  })
  refuseNamesTwice(path, metadata)
  let offset = 0
  const notes: string[] = []
  let bad: BadText | undefined
  const fieldsOf = rowWriter(metadata, {
    badText: (bytes, column) => {
      bad = { bytes, column }
      return fail('its row is a fault')
    },
    note: why => notes.push(why),
  })
  const fieldsIn = async (row: Record<string, unknown>, at: number) => {
    try {
      return fieldsOf(row)
    } catch (error) {
      throw await rowFault(path, at, error, bad)
    }
  }
  for (const [group, { num_rows }] of metadata.row_groups.entries()) {
    const groupEnd = offset + Number(num_rows)
    while (offset < groupEnd) {
      const rowEnd = Math.min(groupEnd, offset + mostRows)
      const range = { file, metadata, compressors, parsers, utf8: false, rowStart: offset, rowEnd }
      const rows = await parquetReadObjects(range).catch(cause => {
        throw broken(path, `row group ${group}, from row ${offset}`, cause)
      })
      for (const row of rows) {
        const fields = await fieldsIn(row, offset)
        yield noted({ fields, where: { file: path, index: offset, offset } }, notes.splice(0))
        offset += 1
      }
      if (rows.length === 0) offset = rowEnd
    }
  }
}
