// What a text file may hold: UTF-8 without exception in every format, fields that most records have, digits as written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { documents, textFieldOf } from '../../src-worker/dataset/documents'
import { fieldsRecords } from '../../src-worker/dataset/files'
import type { SkipCounts } from '../../src-worker/dataset/skip-counts'
import { textBytes } from '../../src-worker/dataset/text-bytes'
import { parseWritten } from '../../src-worker/dataset/written-json'
import { referencePath } from '../reference-path'

const folder = mkdtempSync(join(tmpdir(), 'spw-bytes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function read(path: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for await (const { fields } of fieldsRecords(path, {})) rows.push({ ...fields })
  return rows
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const shapes: readonly [string, (word: string) => string][] = [
  ['x.csv', word => `prompt,completion\na,b\n${word},c\n`],
  ['x.tsv', word => `prompt\tcompletion\na\tb\n${word}\tc\n`],
  ['x.json', word => `[{"text": "a"},\n{"text": "b"},\n{"text": "${word}"}]`],
  ['x.jsonl', word => `{"text": "a"}\n{"text": "b"}\n{"text": "${word}"}\n`],
  ['x.txt', word => `one\ntwo\n${word} three\n`],
]

describe.each(shapes)('%s', (name, text) => {
  const [at, line] = [text('§').indexOf('§') + 3, 3]
  test.each([
    ['Latin-1', latin1(text('café')), '0xe9', 'Latin-1 \\(ISO-8859-1\\)'],
    ['Windows-1252', latin1(text('caf\x93')), '0x93', 'Windows-1252'],
  ])('a byte of %s is a fault with its place', async (_, bytes, byte, likely) => {
    await expect(read(file(`l1-${name}`, bytes))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(
        new RegExp(
          `the byte ${byte} at byte ${at}, line ${line}, is no UTF-8; the file is likely ${likely}`,
        ),
      ),
      fix: expect.stringMatching(/^Write it as UTF-8: iconv -f /),
    })
  })

  test('a byte order mark is no part of the data', async () => {
    const [plain, marked] = [file(`p-${name}`, text('é')), file(`m-${name}`, `\ufeff${text('é')}`)]
    expect(await read(marked)).toEqual(await read(plain))
  })

  test.each([true, false])('UTF-16 is named (mark: %s)', async mark => {
    const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text('e')}`, 'utf16le')
    await expect(read(file(`u-${name}`, bytes))).rejects.toMatchObject({
      message: expect.stringMatching(/is UTF-16, no UTF-8 \(byte 0\)$/),
    })
  })
})

test('a café here and there is Latin-1, however often; what is UTF-8 but for one place is not re-encoded', async () => {
  const often = latin1('{"text": "a café, naïve"}\n'.repeat(50))
  await expect(read(file('often.jsonl', often))).rejects.toMatchObject({
    fix: 'Write it as UTF-8: iconv -f ISO-8859-1 -t UTF-8.',
  })
  const late = Buffer.concat([Buffer.from('text\ncafé\n'), latin1('né\n')])
  await expect(read(file('late.csv', late))).rejects.toMatchObject({
    message: expect.stringMatching(
      /the byte 0xe9 at byte 12, line 3, is no UTF-8, but what goes before it is: the line is damaged/,
    ),
    fix: 'Correct line 3, or write what follows it as UTF-8.',
  })
})

test('characters across chunks are whole, whatever the cut', async () => {
  const text = '🙂é北京\n'.repeat(60_000)
  const chunks: Buffer[] = []
  for await (const { bytes } of textBytes(file('wide.txt', text))) chunks.push(Buffer.from(bytes))
  expect(Buffer.concat(chunks).toString('utf8')).toBe(text)
  expect(chunks.length).toBeGreaterThan(1)
  for (const chunk of chunks) expect(chunk.toString('utf8')).not.toContain('\ufffd')
})

test('a replacement character that was written is text', async () => {
  expect(await read(file('r.jsonl', '{"text": "a\ufffdb"}\n'))).toEqual([{ text: 'a\ufffdb' }])
})

describe('the field that holds the text', () => {
  const cases = (name: string): string => referencePath('reference/custom/cases', name)

  test('is chosen by most of the first records, not by the first', async () => {
    expect(await textFieldOf(cases('wrongfield.jsonl'), '')).toBe('text')
    const mostly = Array.from({ length: 64 }, (_, i) => (i < 20 ? { text: 'a' } : { content: 'b' }))
    const path = file('mostly.jsonl', mostly.map(row => JSON.stringify(row)).join('\n'))
    expect(await textFieldOf(path, '')).toBe('content')
  })

  test('a null is a skipped record, never the end of the file', async () => {
    const skipped: SkipCounts = {}
    let count = 0
    for await (const _ of documents(cases('nullmeta.jsonl'), '', skipped)) count++
    expect([count, skipped]).toEqual([59, { "field 'text' is null": 1 }])
    const many = Array.from({ length: 400 }, (_, i) => JSON.stringify({ text: i % 3 ? 'a' : null }))
    const some: SkipCounts = {}
    for await (const _ of documents(file('nulls.jsonl', many.join('\n')), '', some));
    expect(some).toEqual({ "field 'text' is null": 134 })
  })
})

test.each([
  ['{"a": 274172146840947846}', { a: '274172146840947846' }],
  ['{"a":1.50,"b":[1.5, -0, 1e3, 12]}', { a: '1.50', b: [1.5, '-0', '1e3', 12] }],
  ['{"a": 9007199254740993}', { a: '9007199254740993' }],
  ['{"a": 9007199254740992, "b": 0.1}', { a: 9007199254740992, b: 0.1 }],
  ['{"a": "1.50", "a": 2.50}', { a: '2.50' }],
  ['[1.10]', ['1.10']],
  ['7', 7],
  ['7.0', '7.0'],
])('%s keeps its digits', (text, value) => {
  expect(parseWritten(text)).toEqual(value)
})
