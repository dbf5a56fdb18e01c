// One object around all records of a file: its list is read, what stands beside it is told.
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readText } from './read-records'

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
  const expected = { records, notes: [], skipped: {} }
  expect(await readText('one-line.json', JSON.stringify(value))).toEqual(expected)
  expect(await readText('many-lines.json', JSON.stringify(value, null, 2))).toEqual(expected)
  expect(await readText('mark.json', `\ufeff${JSON.stringify(value)}\r\n`)).toEqual(expected)
  expect(await readText('packed.json.gz', gzipSync(JSON.stringify(value)))).toEqual(expected)
})

test('numbers keep their digits', async () => {
  const text = '{"data": [{"n": 12345678901234567890, "x": 1.50}]}'
  expect((await readText('n.json', text)).records).toEqual([
    { n: '12345678901234567890', x: '1.50' },
  ])
})

test('a second list is counted', async () => {
  const { records: found, skipped } = await readText(
    'two.json',
    JSON.stringify({ train: records, n: 3, test: records }),
  )
  expect(found).toEqual(records)
  const why = `what stands behind the list 'train' in the file's one object, from "test" on`
  expect(skipped).toEqual({ [why]: 1 })
})

test('a long list, over several chunks of the file', async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => ({ text: `record ${i}` }))
  const { records: found } = await readText('long.json', JSON.stringify({ data: many }))
  expect(found).toEqual(many)
})

test.each([
  ['messages of one record', 'one.json', { data: [{ role: 'user', content: 'q' }] }],
  ['messages under their usual name', 'one.json', { messages: [{ role: 'user', content: 'q' }] }],
  ['one object a line by its name', 'one.jsonl', { data: records }],
])('%s are one record', async (_, name, value) => {
  expect((await readText(name, JSON.stringify(value))).records).toEqual([value])
})

test('two lines are two records, whatever they hold', async () => {
  const line = JSON.stringify({ data: records })
  expect((await readText('lines.json', `${line}\n${line}\n`)).records).toHaveLength(2)
})

test.each([
  ['{"data": [{"text": "a"}]', 'the object around it does not end'],
  ['{"data": [{"text": "a"}] {"text": "b"}', 'the object around it does not end'],
  ['{"data": [{"text": "a"}, {"text"', 'it ends in the middle'],
])('%s is a fault', async (text, why) => {
  await expect(readText('broken.json', text)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(why),
  })
})
