// Tables in the forms in which people have them as JSON: each is read as records, with the count of how, or is a fault.
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { rowNotes } from '../../src-worker/dataset/json-rows'
import { inColumns, underKeys } from '../../src-worker/dataset/json-table'
import { readText } from './read-records'

const pairs = [
  { prompt: 'q1', completion: 'a1' },
  { prompt: 'q2', completion: 'a2' },
  { prompt: 'q3', completion: 'a3' },
]
const [prompt, completion] = [
  ['q1', 'q2', 'q3'],
  ['a1', 'a2', 'a3'],
]
const lists = pairs.map(({ prompt, completion }) => [prompt, completion])
const own = pairs.map(({ prompt: frage, completion: antwort }) => ({ frage, antwort }))
const byKey = (values: readonly unknown[], keys = ['0', '1', '2']) =>
  Object.fromEntries(keys.map((key, i) => [key, values[i]]))
const chat = [
  { role: 'user', content: 'q' },
  { role: 'assistant', content: 'a' },
]

test.each<[string, unknown, unknown[], string | undefined]>([
  ['pandas index', byKey(pairs), pairs, underKeys],
  ['pandas index, fields of any name', byKey(own), own, underKeys],
  ['records by their names', byKey(pairs, ['a', 'b', 'c']), pairs, underKeys],
  [
    'one record by its number',
    { 7: { prompt: 'q', completion: 'a' } },
    [{ prompt: 'q', completion: 'a' }],
    underKeys,
  ],
  ['pandas columns', { prompt: byKey(prompt), completion: byKey(completion) }, pairs, inColumns],
  [
    'pandas columns, rows by name',
    {
      prompt: byKey(prompt, ['a', 'b', 'c']),
      completion: byKey(completion, ['a', 'b', 'c']),
    },
    pairs,
    inColumns,
  ],
  [
    'one column under keys',
    { text: { 0: 'a', 1: 'b' } },
    [{ text: 'a' }, { text: 'b' }],
    inColumns,
  ],
  ['pandas list, to_dict of datasets', { prompt, completion }, pairs, inColumns],
  ['one column', { text: ['a', 'b'] }, [{ text: 'a' }, { text: 'b' }], inColumns],
  [
    'a column of conversations',
    { messages: [chat, chat] },
    [{ messages: chat }, { messages: chat }],
    inColumns,
  ],
  [
    'pandas split',
    { columns: ['prompt', 'completion'], index: [0, 1, 2], data: lists },
    pairs,
    inColumns,
  ],
  [
    'pandas table',
    { schema: { fields: [{ name: 'prompt' }], pandas_version: '1.4' }, data: pairs },
    pairs,
    undefined,
  ],
  ['pandas values', lists, pairs, rowNotes.pair],
  ['values under their names', [['prompt', 'completion'], ...lists], pairs, rowNotes.named],
  ['pairs in one object', { version: 1, data: lists }, pairs, rowNotes.pair],
  [
    'conversations without a name',
    [chat, chat],
    [{ messages: chat }, { messages: chat }],
    rowNotes.messages,
  ],
  [
    'one record over several lines',
    { prompt: 'q', alternatives: ['a'] },
    [{ prompt: 'q', alternatives: ['a'] }],
    undefined,
  ],
  ['one conversation', { messages: chat }, [{ messages: chat }], undefined],
  [
    'one pair of messages',
    { prompt: [chat[0]], completion: [chat[1]] },
    [{ prompt: [chat[0]], completion: [chat[1]] }],
    undefined,
  ],
  [
    'one object within one record',
    { data: { prompt: 'q' } },
    [{ data: { prompt: 'q' } }],
    undefined,
  ],
])('%s', async (_, value, records, note) => {
  const notes = note === undefined ? [] : records.map(() => note)
  const expected = { records, notes, skipped: {} }
  expect(await readText('one-line.json', JSON.stringify(value))).toEqual(expected)
  expect(await readText('many-lines.json', `\n${JSON.stringify(value, null, 2)}`)).toEqual(expected)
  expect(await readText('mark.json', `\ufeff${JSON.stringify(value)}\r\n`)).toEqual(expected)
  expect(await readText('packed.json.gz', gzipSync(JSON.stringify(value)))).toEqual(expected)
})

test.each(['lines.jsonl', 'lines.json'])('lists, one a line of %s', async name => {
  const lines = (values: readonly unknown[]) => values.map(x => `${JSON.stringify(x)}\n`).join('')
  const notes = (note: string) => pairs.map(() => note)
  expect(await readText(name, lines(lists))).toEqual({
    ...{ records: pairs, notes: notes(rowNotes.pair), skipped: {} },
  })
  expect(await readText(name, lines([chat, chat]))).toMatchObject({
    records: [{ messages: chat }, { messages: chat }],
  })
})

test('digits, a key twice, lists of another length and halves of characters are seen here too', async () => {
  const twice = await readText(
    'k.json',
    '{"0": {"text": "a"}, "1": {"text": 1.50}, "1": {"text": "c"}}',
  )
  expect(twice.records).toEqual([{ text: 'a' }, { text: 'c' }])
  expect(twice.notes).toContain("the field '1' stands twice in one object: the last value counts")
  const digits = await readText(
    'n.json',
    '{"prompt": [12345678901234567890], "completion": [1.50]}',
  )
  expect(digits.records).toEqual([{ prompt: '12345678901234567890', completion: '1.50' }])
  const ragged = { columns: ['prompt', 'completion'], data: [...lists, ['q']] }
  expect((await readText('r.json', JSON.stringify(ragged))).skipped).toEqual({
    'not a JSON object': 1,
  })
  const half = await readText('h.json', '{"text": ["a", "\\ud83d"]}')
  expect(half.records).toEqual([{ text: 'a' }])
  expect(Object.keys(half.skipped)[0]).toMatch(/half of a character/)
  const two = await readText('two.json', JSON.stringify({ meta: {}, train: pairs, test: lists }))
  expect(two).toMatchObject({
    records: pairs,
    skipped: { "the list 'test' beside the list 'train' in the file's one object": 1 },
  })
})

test('lists have names, are two, or are left out', async () => {
  const named = await readText(
    'n.json',
    JSON.stringify([
      ['q', 'a'],
      ['text', 'prompt'],
    ]),
  )
  expect(named.records[1]).toEqual({ prompt: 'text', completion: 'prompt' })
  const values = [...lists, ['q'], ['q', null], ['q', 'a', 'b']]
  expect((await readText('v.json', JSON.stringify(values))).skipped).toEqual({
    'a list of 1 values that have no names': 1,
    'a list of 2 values that have no names': 1,
    'a list of 3 values that have no names': 1,
  })
})

test.each<[unknown, RegExp]>([
  [{ 0: { 0: 'q', 1: 'a' }, 1: { 0: 'q', 1: 'a' } }, /nothing says whether they are records or/],
  [{ x: { y: 'q', z: 'a' }, v: { y: 'q', z: 'a' } }, /records or columns \(x, v around y, z\)/],
  [{ prompt: ['a'], completion: ['b', 'c'] }, /different lengths: prompt has 1, completion has 2/],
  [{ prompt: ['a', 'b'], completion: ['c'] }, /different lengths: prompt has 2, completion has 1/],
])('%j is a fault', async (value, words) => {
  await expect(readText('a.json', JSON.stringify(value))).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringMatching(words),
  })
})
