// Files that were put together, and what two values of one name are: nothing of it is lost without a count.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { namesAgain } from '../../src-worker/dataset/table'
import { temporaryFolder } from '../temporary'

async function readPath(path: string) {
  const skipped: Record<string, number> = {}
  const records: unknown[] = []
  const notes: string[] = []
  for await (const record of fieldsRecords(path, skipped)) {
    records.push(record.fields)
    notes.push(...(record.notes ?? []))
  }
  return { records, notes, skipped }
}

function read(name: string, text: string) {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return readPath(path)
}

test.each([',', ';', '\t'])('tables one behind the other, with %j between columns', async sign => {
  const part = (rows: string[]) => `\ufeff${['q,a', ...rows].join('\n').replaceAll(',', sign)}\n`
  const { records, skipped } = await read('a.csv', part(['1,2', 'q,q']) + part(['3,4']))
  expect(records).toEqual([
    { q: '1', a: '2' },
    { q: 'q', a: 'q' },
    { q: '3', a: '4' },
  ])
  expect(skipped).toEqual({ [namesAgain]: 1 })
  const headless = await read('b.csv', `${part(['1,2'])}\ufeff3${sign}\ufeff4\n`)
  expect(headless.records).toEqual([
    { q: '1', a: '2' },
    { q: '3', a: '\ufeff4' },
  ])
})

test('a row that is broken in several places is one row', async () => {
  const { records, skipped } = await read('a.csv', 'q,a\nsay "hi" or "no",b\nx,y\n')
  expect(records).toEqual([{ q: 'x', a: 'y' }])
  expect(Object.values(skipped)).toEqual([1])
})

test('a key that stands twice in a map of a parquet file is told', async () => {
  const { records, notes } = await readPath(join(__dirname, 'fixtures', 'maps.parquet'))
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
