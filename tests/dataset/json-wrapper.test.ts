// One object around all records of a file: its list is read, what stands beside it is told.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { temporaryFolder } from '../temporary'

async function read(name: string, text: string | Uint8Array) {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  const skipped: Record<string, number> = {}
  const records: unknown[] = []
  for await (const { fields } of fieldsRecords(path, skipped)) records.push(fields)
  return { records, skipped }
}

const records = [{ text: 'a ] } "' }, { text: 'b\n', list: [[1], { c: 2 }] }, { text: 'ü' }]

test.each<[string, unknown]>([
  ['data', { data: records }],
  [
    'with a version before it',
    { version: '1.0 "[{', n: -1.5e3, ok: true, none: null, data: records },
  ],
  ['rows, with a number behind them', { rows: records, total: 3 }],
  ['Examples', { Examples: records }],
])('%s', async (_, value) => {
  const expected = { records, skipped: {} }
  expect(await read('one-line.json', JSON.stringify(value))).toEqual(expected)
  expect(await read('many-lines.json', JSON.stringify(value, null, 2))).toEqual(expected)
  expect(await read('mark.json', `\ufeff${JSON.stringify(value)}\r\n`)).toEqual(expected)
  expect(await read('packed.json.gz', gzipSync(JSON.stringify(value)))).toEqual(expected)
})

test('numbers keep their digits', async () => {
  const text = '{"data": [{"n": 12345678901234567890, "x": 1.50}]}'
  expect((await read('n.json', text)).records).toEqual([{ n: '12345678901234567890', x: '1.50' }])
})

test('a second list is counted', async () => {
  const { records: found, skipped } = await read(
    'two.json',
    JSON.stringify({ train: records, n: 3, test: records }),
  )
  expect(found).toEqual(records)
  const why = `what stands behind the list 'train' in the file's one object, from "test" on`
  expect(skipped).toEqual({ [why]: 1 })
})

test('a long list, over several chunks of the file', async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => ({ text: `record ${i}` }))
  const { records: found } = await read('long.json', JSON.stringify({ data: many }))
  expect(found).toEqual(many)
})

test.each([
  ['messages of one record', 'one.json', { data: [{ role: 'user', content: 'q' }] }],
  ['messages under their usual name', 'one.json', { messages: [{ role: 'user', content: 'q' }] }],
  ['one object a line by its name', 'one.jsonl', { data: records }],
])('%s are one record', async (_, name, value) => {
  expect((await read(name, JSON.stringify(value))).records).toEqual([value])
})

test('two lines are two records, whatever they hold', async () => {
  const line = JSON.stringify({ data: records })
  expect((await read('lines.json', `${line}\n${line}\n`)).records).toHaveLength(2)
})

test.each([
  ['{"data": [{"text": "a"}]', 'the object around it does not end'],
  ['{"data": [{"text": "a"}] {"text": "b"}', 'the object around it does not end'],
  ['{"data": [{"text": "a"}, {"text"', 'it ends in the middle'],
])('%s is a fault', async (text, why) => {
  await expect(read('broken.json', text)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(why),
  })
})
