// One name twice in a JSON object: all take the last value, and a person is told of it, in every file that holds JSON.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCustom } from '../../src-worker/behaviours/custom/pairs'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { parquetRecords } from '../../src-worker/dataset/parquet'
import { preview } from '../../src-worker/dataset/preview'
import { namesTwice, parseWritten } from '../../src-worker/dataset/written-json'
import { rng } from '../../src-worker/stream/rng'
import { temporaryFolder } from '../temporary'

test('two columns of one name are a fault, as in a table', async () => {
  const path = join(import.meta.dirname, 'fixtures', 'two-columns.parquet')
  const read = async () => {
    for await (const _ of parquetRecords(path)) break
  }
  await expect(read()).rejects.toMatchObject({
    code: 'bad-data',
    message: `${path}: two columns are called "text"`,
  })
})

const said = (name: string): string =>
  `the field '${name}' stands twice in one object: the last value counts`
const twice = (text: string) => namesTwice(text, parseWritten(text))

test.each<[string, string?]>([
  ['{"text": "a", "text": "b"}', 'text'],
  ['{"text": "a", "text": "a"}', 'text'],
  ['{"a": 1, "text" : 1.50,\n\t"b": 2, "text"\n  :  2.50}', 'text'],
  ['{"messages": [{"role": "user", "role": "assistant"}]}', 'role'],
  ['{"a": {"b": {"c": 1, "c": 2}}}', 'c'],
  ['{"\\u0061": 1, "a": 2}', 'a'],
  ['{"": 1, "": 2}', ''],
  ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
  ['{"a\\":": 1, "a\\":": 2}', 'a":'],
  [`{"a"${' '.repeat(300)}: 1, "a": 2}`, 'a'],
  ['{"a": {"b": 1}, "b": 2, "c": [{"b": 3}, {"b": 4}]}'],
  ['{"a": "\\"b\\": 1, \\"b\\": 2", "b": 3}'],
  ['{"a": "{", "b": "}", "c": "a: \\\\", "d": ":"}'],
  ['["a", "a", {"a": "a"}]'],
  ['{}'],
  ['7'],
])('%j', (text, name) => {
  expect(twice(text)).toEqual(name === undefined ? [] : [said(name)])
})

/** Objects with random names and values, written out here; `names` are those of each object. */
function randomJson(random: { below(n: number): number }, depth: number, found: string[][]) {
  const pick = (from: readonly string[]): string => from[random.below(from.length)] ?? ''
  const value = (): string => {
    const kind = random.below(depth > 0 ? 5 : 3)
    if (kind === 0) return String(random.below(100))
    if (kind < 3) return JSON.stringify(pick(['x', '":', '{"a":', '\\', '}', 'a": 1, "a', '"']))
    return kind === 3 ? `[${value()},${value()}]` : randomJson(random, depth - 1, found)
  }
  const names = Array.from({ length: random.below(4) }, () => pick(['a', 'b', '":', '\\', 'c d']))
  found.push(names)
  const space = pick(['', ' ', '\n\t'])
  const pairs: string[] = names.map(name => `${JSON.stringify(name)}${space}:${space}${value()}`)
  return `{${pairs.join(`,${space}`)}}`
}

test('random objects: told exactly where a name stands twice', () => {
  const random = rng(7, 'names')
  let some = 0
  for (let i = 0; i < 3000; i++) {
    const found: string[][] = []
    const text = randomJson(random, 3, found)
    const expected = found.some(names => new Set(names).size < names.length)
    some += expected ? 1 : 0
    expect([text, twice(text).length]).toEqual([text, expected ? 1 : 0])
  }
  expect(some).toBeGreaterThan(300)
})

function file(name: string, text: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}

describe('readers', () => {
  const good = '{"text": "fine"}'
  const bad = '{"text": "first", "text": "last"}'
  test.each([
    ['x.jsonl', `${good}\n${bad}\n${good}\n`],
    ['x.json', `[${good}, ${bad}, ${good}]`],
  ])('%s', async (name, text) => {
    const path = file(name, text)
    const notes: unknown[] = []
    for await (const record of fieldsRecords(path, {}))
      notes.push([record.fields.text, record.notes])
    expect(notes).toEqual([
      ['fine', undefined],
      ['last', [said('text')]],
      ['fine', undefined],
    ])
    expect((await preview(path, 1)).changed).toEqual({ [said('text')]: 1 })
  })

  test('messages in a cell of a table', () => {
    const messages =
      '[{"role": "user", "content": "a", "content": "b"}, {"role": "assistant", "content": "c"}]'
    const names = { prompt: '', completion: '', messages: 'messages', text: '', alternatives: '' }
    const read = readCustom({ messages }, { ...names, conditions: [] })
    expect('raw' in read && read.raw.notes).toEqual([said('content')])
  })

  test('a column of JSON in parquet: told of the row that has it', async () => {
    const path = join(__dirname, 'fixtures', 'json.parquet')
    const rows: unknown[] = []
    for await (const { fields, notes } of parquetRecords(path)) rows.push([fields, notes])
    // in a process of its own: the same
    const apart: unknown[] = []
    for await (const { fields, notes } of fieldsRecords(path, {})) apart.push([fields, notes])
    expect(apart).toEqual(rows)
    expect(rows).toEqual([
      [{ data: { text: 'a', n: '1.50' } }, undefined],
      [{ data: { text: 'c' } }, [said('text')]],
      [{ data: null }, undefined],
      [{ data: [1, { a: 2 }] }, undefined],
    ])
  })
})
