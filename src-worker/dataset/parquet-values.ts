// Values of parquet as a person wrote them: every digit of a decimal, dates as dates, text that is UTF-8. hyparquet makes
// float64 of decimals and milliseconds of times, so these columns are read raw and written out here, by their schema.
import { isUtf8 } from 'node:buffer'
import type { FileMetaData, ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet'
import { parquetSchema } from 'hyparquet'
import { namesTwice, parseWritten, twiceIn } from './written-json'

type Leaf = (value: unknown) => unknown
type Unit = 'MILLIS' | 'MICROS' | 'NANOS'

const digitsOf = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const

/** A signed integer of any width, big end first. */
function signed(bytes: Uint8Array): bigint {
  const digits = Buffer.from(bytes).toString('hex')
  return digits === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits}`))
}

/** 150 and 2 → "1.50" */
export function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale > 0 ? `${whole}.${digits.slice(-scale)}` : whole
  return unscaled < 0n ? `-${text}` : text
}

const integerOf = (value: unknown): bigint =>
  value instanceof Uint8Array ? signed(value) : BigInt(value as number | bigint)

/** A fraction of a second with three digits, more where they are not 0. */
const fraction = (part: bigint, digits: number): string =>
  part
    .toString()
    .padStart(digits, '0')
    .replace(/^(\d{3}\d*?)0*$/, '$1')

const floorDivide = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b

/** "2024-01-02T03:04:05.678901Z"; without Z where the file says no zone. */
export function timestampText(value: bigint, digits: number, zone: 'Z' | ''): string {
  const second = 10n ** BigInt(digits)
  const seconds = floorDivide(value, second)
  const instant = new Date(Number(seconds) * 1000)
  if (Number.isNaN(instant.getTime())) return `${value}`
  const rest = fraction(value - seconds * second, digits)
  return `${instant.toISOString().slice(0, -5)}.${rest}${zone}`
}

/** "2024-02-29" */
function dateText(days: unknown): string {
  const day = new Date(Number(days) * 86_400_000)
  return Number.isNaN(day.getTime()) ? String(days) : day.toISOString().slice(0, -14)
}

/** "01:02:03.000004" */
const timeText = (value: bigint, digits: number): string =>
  timestampText(value, digits, '').slice('1970-01-01T'.length)

/** The fewest digits that give this float32 again: 0.1, not 0.10000000149011612. */
export function float32(value: number): number {
  if (!Number.isFinite(value)) return value
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/** Raw bytes: text if they are UTF-8, as old writers keep it; else only how many there are. */
const bytesOrText: Leaf = value =>
  value instanceof Uint8Array && isUtf8(value) ? Buffer.from(value).toString('utf8') : plain(value)

/** What JSON holds: integers beyond 2⁵³ and −0 as their digits, of raw bytes only how many there are. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (ArrayBuffer.isView(value)) return { bytes: value.byteLength }
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

const unitOf: Readonly<Record<string, Unit>> = {
  ...{ TIMESTAMP_MILLIS: 'MILLIS', TIMESTAMP_MICROS: 'MICROS' },
  ...{ TIME_MILLIS: 'MILLIS', TIME_MICROS: 'MICROS' },
}

/** How a column that hyparquet shall leave raw is written; undefined: it reads this one well. */
function writtenAs({ converted_type, logical_type: type, scale = 0 }: SchemaElement) {
  const old: string = converted_type ?? ''
  if (type?.type === 'DECIMAL' || old === 'DECIMAL') {
    const digits = type?.type === 'DECIMAL' ? type.scale : scale
    return (value: unknown) => decimalText(integerOf(value), digits)
  }
  if (type?.type === 'DATE' || old === 'DATE') return dateText
  const isTime = type?.type === 'TIME' || /^TIME_/.test(old)
  if (type?.type === 'TIMESTAMP' || type?.type === 'TIME' || old in unitOf) {
    const known = type?.type === 'TIMESTAMP' || type?.type === 'TIME' ? type : undefined
    const digits = digitsOf[known?.unit ?? unitOf[old] ?? 'MILLIS']
    const zone = (known?.isAdjustedToUTC ?? true) ? 'Z' : ''
    return (value: unknown) =>
      isTime ? timeText(integerOf(value), digits) : timestampText(integerOf(value), digits, zone)
  }
  // hyparquet refuses a file that holds these, whichever column is wanted
  return old === 'INTERVAL' || old === 'BSON' ? plain : undefined
}

export interface OfRow {
  /** says that a text column holds bytes that are no UTF-8 */
  badText(bytes: Uint8Array, column: string): never
  /** says what of the row is not as the file has it */
  note(why: string): void
}

/** A column of JSON, read here so that each row has its own notes. Throws SyntaxError. */
const jsonLeaf =
  ({ badText, note }: OfRow, column: string): Leaf =>
  value => {
    if (!(value instanceof Uint8Array)) return plain(value)
    if (!isUtf8(value)) return badText(value, column)
    const text = Buffer.from(value).toString('utf8')
    const parsed = parseWritten(text)
    for (const why of namesTwice(text, parsed)) note(why)
    return parsed
  }

function leafOf(element: SchemaElement, column: string, ofRow: OfRow): Leaf {
  if (element.converted_type === 'JSON' || element.logical_type?.type === 'JSON') {
    delete element.converted_type
    delete element.logical_type
    return jsonLeaf(ofRow, column)
  }
  const raw = writtenAs(element)
  if (raw !== undefined) {
    delete element.converted_type
    delete element.logical_type
    return raw
  }
  if (element.type === 'FLOAT') return value => plain(float32(value as number))
  const annotated = element.converted_type ?? element.logical_type
  if (element.type === 'BYTE_ARRAY' && annotated === undefined) return bytesOrText
  if (element.type === 'FIXED_LEN_BYTE_ARRAY') return plain
  return value => (value instanceof Uint8Array ? ofRow.badText(value, column) : plain(value))
}

/** The one repeated child of a list or a map, as hyparquet takes it apart. */
function repeatedOf(
  { element, children }: SchemaTree,
  kind: 'LIST' | 'MAP',
): SchemaTree | undefined {
  const [only, ...more] = children
  const fits = more.length === 0 && only?.element.repetition_type === 'REPEATED'
  const wanted = kind === 'LIST' ? [0, 1] : [2]
  return element.converted_type === kind && fits && wanted.includes(only.children.length)
    ? only
    : undefined
}

const eachOf = (value: object, of: (name: string) => Leaf): object =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, of(name)(inner)]))

/** How one value of a column is written, nested as its schema is. */
function writer(tree: SchemaTree, ofRow: OfRow): Leaf {
  const own = writerOfOne(tree, ofRow)
  return value => {
    if (value === null || value === undefined) return null
    return tree.element.repetition_type === 'REPEATED' && Array.isArray(value)
      ? value.map(own)
      : own(value)
  }
}

function writerOfOne(tree: SchemaTree, ofRow: OfRow): Leaf {
  const { element, children, path } = tree
  if (element.logical_type?.type === 'VARIANT') return plain
  if (children.length === 0) return leafOf(element, path.join('.'), ofRow)
  const list = repeatedOf(tree, 'LIST')
  if (list !== undefined) {
    // a list of two levels repeats its elements themselves
    const inner = writerOfOne(list.children.length === 0 ? list : (list.children[0] ?? list), ofRow)
    const orNull: Leaf = value => (value === null || value === undefined ? null : inner(value))
    return value => (value as unknown[]).map(orNull)
  }
  const pairs = repeatedOf(tree, 'MAP')
  if (pairs !== undefined) return mapWriter(tree, pairs, ofRow)
  const fields = new Map(children.map(child => [child.element.name, writer(child, ofRow)]))
  return value => eachOf(value as object, name => fields.get(name) ?? plain)
}

/** A map as an object: its pairs are read raw, for in an object a key that stands twice would be lost unseen. */
function mapWriter({ element }: SchemaTree, pairs: SchemaTree, ofRow: OfRow): Leaf {
  const inner = new Map(pairs.children.map(child => [child.element.name, writer(child, ofRow)]))
  const part = (pair: Record<string, unknown>, name: string): unknown =>
    (inner.get(name) ?? plain)(pair[name])
  delete element.converted_type
  return value => {
    const list = (value as Record<string, Record<string, unknown>[]>)[pairs.element.name] ?? []
    const written = list.map(pair => [String(part(pair, 'key')), part(pair, 'value')] as const)
    const keys = written.map(([key]) => key)
    const twice = keys.find((key, i) => keys.indexOf(key) < i)
    if (twice !== undefined) ofRow.note(twiceIn('map', twice))
    return Object.fromEntries(written)
  }
}

/** How to ask hyparquet for rows that the functions of `rowWriter` take. */
export const parsers: Partial<ParquetParsers> = {
  stringFromBytes: (bytes: Uint8Array | undefined) =>
    bytes && isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : bytes,
  timestampFromNanoseconds: (nanos: bigint) => timestampText(nanos, 9, 'Z'),
} as Partial<ParquetParsers>

/**
 * What makes a record of a row.
 * @param metadata its schema is changed: columns that are written here are left raw by hyparquet
 */
export function rowWriter(
  metadata: FileMetaData,
  ofRow: OfRow,
): (row: object) => Record<string, unknown> {
  const columns = parquetSchema(metadata).children
  const writers = new Map(columns.map(column => [column.element.name, writer(column, ofRow)]))
  return row => eachOf(row, name => writers.get(name) ?? plain) as Record<string, unknown>
}
