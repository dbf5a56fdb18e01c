// Columns of a run's metrics kept in a file of their own, so that opening hundreds of finished runs parses nothing.
// Layout: magic, u32 bytes of the header, header (JSON, padded with spaces to 8 bytes), then float64 columns one after
// another: step, tokens, time, and for each tag its rows (left out when it stands in every row) and its values.
// Numbers lie as this machine has them; a file of the other byte order does not have the magic and is made anew.
// Each column has a checksum, and one that is damaged makes the file one of another kind: it is made anew.
// It can be deleted at any time: metrics.jsonl is the truth.
import { type FileHandle, open } from 'node:fs/promises'
import { buf as crc32 } from 'crc-32'
import { z } from 'zod'
import type { XAxis } from '../contract/metrics'
import { fitting } from '../shared/json'
import { writeAtomically } from '../weights/atomic'
import { type Column, column, type MetricTable } from './metric-table'

const magic = 0x32535057
/** most headers are read in one go with this */
const firstBytes = 4096

const headerSchema = z.object({
  mark: z.object({ inode: z.number(), end: z.number(), tail: z.string() }),
  /** of metrics.jsonl when it was read: as long as both are the same, nothing was added */
  size: z.number(),
  modified: z.number(),
  rows: z.int().nonnegative(),
  tags: z.array(z.object({ tag: z.string(), count: z.int().nonnegative(), sparse: z.boolean() })),
  /** CRC-32 of each column, in their order */
  sums: z.array(z.int()),
})
type Header = z.infer<typeof headerSchema>

/** Of metrics.jsonl. */
export interface Stamp {
  readonly inode: number
  readonly size: number
  readonly modified: number
}

/** Some columns of a cached run. */
export interface CachedRun {
  readonly x: ReadonlyMap<XAxis, Float64Array>
  /** rows null: every row */
  readonly tags: ReadonlyMap<
    string,
    { readonly rows: Float64Array | null; readonly y: Float64Array }
  >
}

const bytesOf = ({ values, length }: Column): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, 8 * length)

export async function writeCache(path: string, table: MetricTable, stamp: Stamp): Promise<void> {
  const rows = table.x.step.length
  const tags = [...table.tags].map(([tag, { y }]) => {
    const count = y.length
    return { tag, count, sparse: count !== rows }
  })
  const columns = [table.x.step, table.x.tokens, table.x.time].map(bytesOf)
  const values = [...table.tags.values()].flatMap(({ rows: at, y }) =>
    y.length === rows ? [bytesOf(y)] : [bytesOf(at), bytesOf(y)],
  )
  const { size, modified } = stamp
  const sums = [...columns, ...values].map(bytes => crc32(bytes))
  const header: Header = { mark: table.mark, size, modified, rows, tags, sums }
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.alloc(8 * Math.ceil(text.length / 8), ' ')
  text.copy(padded)
  const start = new Uint8Array(Uint32Array.of(magic, padded.length).buffer)
  await writeAtomically(path, [start, padded, ...columns, ...values])
}

async function readHeader(
  file: FileHandle,
): Promise<{ header: Header; start: number } | undefined> {
  const { size } = await file.stat()
  const first = Buffer.alloc(firstBytes)
  const { bytesRead } = await file.read(first, 0, firstBytes, 0)
  if (bytesRead < 8) return undefined
  const [found, length] = new Uint32Array(first.buffer, first.byteOffset, 2)
  if (found !== magic || length === undefined || 8 + length > size) return undefined
  let text = first.subarray(8, 8 + length)
  if (length > firstBytes - 8) {
    text = Buffer.alloc(length)
    await file.read(text, 0, length, 8)
  }
  const header = fitting(headerSchema, text.toString('utf8'))
  return header && { header, start: 8 + length }
}

/** Where each column begins, counted in numbers, and how many there are in all. */
function places({ rows, tags }: Header) {
  const places = new Map<string, { rows: number | null; y: number; count: number }>()
  let at = 3 * rows
  for (const { tag, count, sparse } of tags) {
    places.set(tag, { rows: sparse ? at : null, y: sparse ? at + count : at, count })
    at += sparse ? 2 * count : count
  }
  return places
}

/** Checksums by where their column begins. */
function sumsOf(header: Header): ReadonlyMap<number, number | undefined> {
  const { rows, sums } = header
  const begins = [0, rows, 2 * rows]
  for (const { rows: at, y } of places(header).values())
    begins.push(...(at === null ? [y] : [at, y]))
  return new Map(begins.map((begin, i) => [begin, sums[i]]))
}

async function opened<T>(
  path: string,
  work: (file: FileHandle, header: Header, numbers: NumberReader) => Promise<T | undefined>,
): Promise<T | undefined> {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const read = await readHeader(file)
    if (read === undefined) return undefined
    const { size } = await file.stat()
    const sums = sumsOf(read.header)
    const numbers = async (from: number, count: number): Promise<Float64Array<ArrayBuffer>> => {
      // Node ends the whole process over a place that is beyond any file
      if (read.start + 8 * (from + count) > size) throw new Error(`${path} is cut`)
      const values = new Float64Array(count)
      const bytes = new Uint8Array(values.buffer)
      const { bytesRead } = await file.read(bytes, 0, 8 * count, read.start + 8 * from)
      if (bytesRead !== 8 * count) throw new Error(`${path} is cut`)
      // an empty column begins where the next one does
      if (count > 0 && sums.get(from) !== crc32(bytes)) throw new Error(`${path} is damaged`)
      return values
    }
    return await work(file, read.header, numbers)
  } catch {
    // a file that cannot be used is made anew
    return undefined
  } finally {
    await file.close()
  }
}
/** One whole column, by where it begins. */
type NumberReader = (from: number, count: number) => Promise<Float64Array<ArrayBuffer>>

const axes: readonly XAxis[] = ['step', 'tokens', 'time']

/** The asked columns, if nothing was added to or cut from the run's metrics since. */
export const readCached = (
  path: string,
  stamp: Stamp,
  wanted: readonly XAxis[],
  tags: readonly string[],
): Promise<CachedRun | undefined> =>
  opened(path, async (_file, header, numbers) => {
    if (header.mark.inode !== stamp.inode) return undefined
    if (header.size !== stamp.size || header.modified !== stamp.modified) return undefined
    const x = new Map<XAxis, Float64Array>()
    for (const axis of wanted)
      x.set(axis, await numbers(axes.indexOf(axis) * header.rows, header.rows))
    const found: [string, { rows: Float64Array | null; y: Float64Array }][] = []
    const where = places(header)
    for (const tag of tags) {
      const place = where.get(tag)
      if (place === undefined) continue
      const rows = place.rows === null ? null : await numbers(place.rows, place.count)
      found.push([tag, { rows, y: await numbers(place.y, place.count) }])
    }
    return { x, tags: new Map(found) }
  })

const whole = (values: Float64Array<ArrayBuffer>): Column => column(values, values.length)

/** Everything, to be brought up to date. */
export const readTable = (path: string): Promise<MetricTable | undefined> =>
  opened(path, async (_file, header, numbers) => {
    const { rows } = header
    const part = async (from: number, count: number): Promise<Column> =>
      whole(await numbers(from, count))
    const [step, tokens, time] = [
      await part(0, rows),
      await part(rows, rows),
      await part(2 * rows, rows),
    ]
    // not before the columns were there: a damaged header may say any number
    const every = Float64Array.from({ length: rows }, (_, i) => i)
    const tags: [string, { rows: Column; y: Column }][] = []
    for (const [tag, place] of places(header)) {
      const at = place.rows === null ? whole(every.slice()) : await part(place.rows, place.count)
      tags.push([tag, { rows: at, y: await part(place.y, place.count) }])
    }
    return { mark: header.mark, x: { step, tokens, time }, tags: new Map(tags) }
  })

/** Whether every column is as it was written. */
export const isWholeCache = async (path: string): Promise<boolean> =>
  (await readTable(path)) !== undefined
