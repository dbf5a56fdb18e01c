// Files that were put together, and what two values of one name are: nothing of it is lost without a count.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namesAgain } from '../../src-worker/dataset/table'
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

test('a row that is broken in several places is one row', async () => {
  const { records, skipped } = await readText('a.csv', 'q,a\nsay "hi" or "no",b\nx,y\n')
  expect(records).toEqual([{ q: 'x', a: 'y' }])
  expect(Object.values(skipped)).toEqual([1])
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
