// Files that were put together, and what two values of one name are: nothing of it is lost without a count.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namesAgain, unclosed } from '../../src-worker/dataset/table'
import { readRecords, readText } from './read-records'

test.each([',', ';', '\t'])('tables one behind the other, with %j between columns', async sign => {
  const part = (rows: string[]) => `\ufeff${['q,a', ...rows].join('\n').replaceAll(',', sign)}\n`
  const { records, skipped } = await readText('a.csv', part(['1,2', 'q,q']) + part(['3,4']))
  expect(records).toEqual([
    { q: '1', a: '2' },
    { q: 'q', a: 'q' },
    { q: '3', a: '4' },
  ])
  expect(skipped).toEqual({ [namesAgain]: 1 })
  const headless = await readText('b.csv', `${part(['1,2'])}\ufeff3${sign}\ufeff4\n`)
  expect(headless.records).toEqual([
    { q: '1', a: '2' },
    { q: '3', a: '\ufeff4' },
  ])
})

// the records are what Python's csv.reader gives, but for quoted fields that go on, which it joins without a word
test.each<[string, string, Record<string, string>[], number]>([
  [
    'quotes within a field',
    'q,a\nsay "hi" or "no",b\n5" x 7",y\n',
    [
      { q: 'say "hi" or "no"', a: 'b' },
      { q: '5" x 7"', a: 'y' },
    ],
    0,
  ],
  ['a blank before a quote', 'q,a\nx, "y"\n', [{ q: 'x', a: ' "y"' }], 0],
  [
    'quotes in quotes, over lines',
    'q,a\n"a ""b""\nc","""d"" e"\n',
    [{ q: 'a "b"\nc', a: '"d" e' }],
    0,
  ],
  [
    'several kinds of line ends',
    'q,a\n1,2\r\n3,4\r5,6\n',
    [
      { q: '1', a: '2' },
      { q: '3', a: '4' },
      { q: '5', a: '6' },
    ],
    0,
  ],
  [
    'a field that goes on behind its quote',
    'q,a\n"5" x 7",b\nx,"y"z\n"",""\n',
    [{ q: '', a: '' }],
    2,
  ],
  ['tabs', 'q\ta\n"x"\ty "z"\n"x"y\tz\n', [{ q: 'x', a: 'y "z"' }], 1],
])('%s', async (name, text, expected, bad) => {
  const { records, skipped } = await readText(name === 'tabs' ? 'a.tsv' : 'a.csv', text)
  expect(records).toEqual(expected)
  expect(skipped).toEqual(bad === 0 ? {} : { [unclosed]: bad })
})

test('a key that stands twice in a map of a parquet file is told', async () => {
  const { records, notes } = await readRecords(join(__dirname, 'fixtures', 'maps.parquet'))
  expect(records).toEqual([
    { of_lists: { k: ['1', '2'], l: [] }, by_number: { 2: null }, in_list: [{ a: 'c' }, {}] },
    { of_lists: null, by_number: {}, in_list: [] },
    { of_lists: {}, by_number: null, in_list: [null] },
  ])
  expect(notes).toEqual([
    "the field '2' stands twice in one map: the last value counts",
    "the field 'a' stands twice in one map: the last value counts",
  ])
})
