// One object that is a whole .json file, in the forms in which tables are written: records under keys, columns as lists or
// under keys, names and rows apart, a list beside other things. Any other object is one record.
import { Fault } from '../contract/fault'
import { isPlain, type Plain } from '../shared/plain-object'
import { isMessageList, isUsual } from '../shared/usual-fields'
import { listNames } from './json-wrapper'
import { countSkip, type SkipCounts } from './skip-counts'

export interface Table {
  /** records, or lists of values */
  readonly rows: readonly unknown[]
  /** how the file holds them */
  readonly note?: string
}

type Objects = Readonly<Record<string, Plain>>
type Lists = Readonly<Record<string, readonly unknown[]>>

export const underKeys = 'records stand under keys, which are not read'
export const inColumns = 'records are put together from columns'

const all = <T>(value: Plain, is: (inner: unknown) => inner is T): value is Record<string, T> =>
  Object.values(value).every(is)

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const areNumbers = (names: readonly string[]): boolean => names.every(name => /^\d+$/.test(name))

const fix =
  'Write one record a line: pandas does with to_json(OUT, orient="records", lines=True), or jq -c \'.[]\' where each inner object is a record.'

/** `{"columns": [name, …], "data": [[value, …], …]}`, as pandas splits them. */
function splitTable({ columns, data }: Plain): Table | undefined {
  if (!isList(columns) || !isList(data) || !data.every(isList)) return undefined
  const names = columns.map(String)
  const rows = data.map(row =>
    row.length === names.length ? Object.fromEntries(names.map((name, i) => [name, row[i]])) : row,
  )
  return { rows, note: inColumns }
}

const holdsRecords = (value: unknown): value is readonly unknown[] =>
  isList(value) &&
  value.length > 0 &&
  !isMessageList(value) &&
  value.every(inner => isPlain(inner) || isList(inner))

/** The list that is called so as lists of records are; what else holds records is counted. */
function namedList(value: Plain, skipped: SkipCounts): Table | undefined {
  const lists = Object.keys(value).filter(name => holdsRecords(value[name]))
  const found = lists.find(name => listNames.test(name))
  if (found === undefined) return undefined
  for (const name of lists)
    if (name !== found)
      countSkip(skipped, `the list '${name}' beside the list '${found}' in the file's one object`)
  return { rows: value[found] as readonly unknown[] }
}

/** Lists, each a field of all records: as long as each other. */
function columnLists(path: string, columns: Lists): Table {
  const lengths = Object.entries(columns).map(([name, { length }]) => `${name} has ${length}`)
  const [first = []] = Object.values(columns)
  if (Object.values(columns).some(({ length }) => length !== first.length))
    throw new Fault(
      'bad-data',
      `${path} holds columns of different lengths: ${lengths.slice(0, 20).join(', ')}`,
      'Give each record a value in each column, or write one record a line.',
    )
  const names = Object.keys(columns)
  const rows = first.map((_, i) =>
    Object.fromEntries(names.map(name => [name, columns[name]?.[i]])),
  )
  return { rows, note: inColumns }
}

/** Columns whose values stand under the key of their record. */
function columnObjects(columns: Objects): Table {
  const keys = [...new Set(Object.values(columns).flatMap(column => Object.keys(column)))]
  const having = (key: string) =>
    Object.entries(columns).filter(([, column]) => Object.hasOwn(column, key))
  const rows = keys.map(key =>
    Object.fromEntries(having(key).map(([name, column]) => [name, column[key]])),
  )
  return { rows, note: inColumns }
}

/** Objects within an object are records under keys, or columns: numbers are keys, and names that fields have are fields. */
function objectsOf(path: string, objects: Objects): Table {
  const outer = Object.keys(objects)
  const inner = [...new Set(Object.values(objects).flatMap(object => Object.keys(object)))]
  const keys = [areNumbers(outer), areNumbers(inner)] as const
  const fields = [outer.some(isUsual), inner.some(isUsual)] as const
  const [areRecords, areColumns] = keys[0] === keys[1] ? [fields[1], fields[0]] : keys
  if (areRecords === areColumns)
    throw new Fault(
      'bad-data',
      `${path} is one object around ${outer.length} objects, and nothing says whether they are records or columns (${outer.slice(0, 3).join(', ')} around ${inner.slice(0, 3).join(', ')})`,
      fix,
    )
  return areRecords ? { rows: Object.values(objects), note: underKeys } : columnObjects(objects)
}

/**
 * The records within one object; undefined: it is a record itself.
 * Faults: bad-data (columns of different lengths, or what may be records and columns).
 */
export function tableOf(path: string, value: Plain, skipped: SkipCounts): Table | undefined {
  const names = Object.keys(value)
  if (names.length === 0) return undefined
  const known = splitTable(value) ?? namedList(value, skipped)
  if (known !== undefined) return known
  // one object within another is a field, unless its key is a number or it is a column
  const single = names.length === 1 && !areNumbers(names)
  if (all(value, isPlain))
    return single && !areNumbers(Object.keys(Object.values(value)[0] ?? {}))
      ? undefined
      : objectsOf(path, value)
  return all(value, isList) && !names.some(name => isMessageList(value[name]))
    ? columnLists(path, value)
    : undefined
}
