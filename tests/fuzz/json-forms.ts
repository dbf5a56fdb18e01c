// The forms in which the same records stand in a .json file, made from one list: for the reader of tables in JSON.
type Rows = readonly Readonly<Record<string, unknown>>[]

const pairs: Rows = Array.from({ length: 9 }, (_, i) => ({
  prompt: `q${i} é "x"`,
  completion: i % 4 === 3 ? null : `a${i}`,
  n: 2 ** 60 + i,
}))
const chats: Rows = Array.from({ length: 4 }, (_, i) => ({
  messages: [
    { role: 'user', content: `q${i}` },
    { role: 'assistant', content: [{ type: 'text', text: `a${i}` }] },
  ],
}))
const singles: Rows = [{ text: 'one' }]

const namesOf = (rows: Rows): string[] => Object.keys(rows[0] ?? {})
const columnsOf = <T>(rows: Rows, make: (values: unknown[]) => T): Record<string, T> =>
  Object.fromEntries(namesOf(rows).map(name => [name, make(rows.map(row => row[name]))]))
const under = (values: readonly unknown[], keyOf = (i: number): string => `${i}`) =>
  Object.fromEntries(values.map((value, i) => [keyOf(i), value]))
const valuesOf = (rows: Rows): unknown[][] => rows.map(row => namesOf(rows).map(name => row[name]))
const withoutLast = (list: readonly unknown[]): unknown[] => list.slice(0, -1)

/** By the name of the form; pandas' `orient` where it has one. */
const forms: Readonly<Record<string, (rows: Rows) => unknown>> = {
  records: rows => rows,
  index: rows => under(rows),
  named: rows => under(rows, i => `row-${i}`),
  columns: rows => columnsOf(rows, values => under(values)),
  'columns under names': rows => columnsOf(rows, values => under(values, i => `row-${i}`)),
  list: rows => columnsOf(rows, values => values),
  'lists of different lengths': rows => ({
    ...columnsOf(rows, values => values),
    more: withoutLast(rows),
  }),
  split: rows => ({ columns: namesOf(rows), index: rows.map((_, i) => i), data: valuesOf(rows) }),
  'split, rows cut': rows => ({ columns: namesOf(rows), data: valuesOf(rows).map(withoutLast) }),
  table: rows => ({ schema: { fields: namesOf(rows).map(name => ({ name })) }, data: rows }),
  values: valuesOf,
  'names and values': rows => [namesOf(rows), ...valuesOf(rows)],
  'lists of two': rows => valuesOf(rows).map(row => row.slice(0, 2)),
  wrapped: rows => ({ version: '1', about: { n: 3 }, data: rows, license: ['none'] }),
  'two lists': rows => ({ train: rows, test: rows.slice(1) }),
  'records of records': rows => ({ a: under(rows), b: under(rows) }),
  messages: rows => rows.map(row => Object.values(row)[0]),
}

/** Sound files, or such as are refused with words, as names and bytes. */
export const jsonForms: readonly (readonly [string, Uint8Array])[] = Object.values(forms).flatMap(
  form =>
    [pairs, chats, singles].flatMap(rows =>
      [0, 2].map(
        indent => ['a.json', Buffer.from(JSON.stringify(form(rows), null, indent))] as const,
      ),
    ),
)
