// Every kind of file gives the same documents; every broken one a fault that says where.
// long because each kind of file and each fault is one row of a table
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { compress } from 'zstd-napi'
import { Fault } from '../../src-worker/contract/fault'
import { type Document, documents } from '../../src-worker/dataset/documents'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { fingerprint } from '../../src-worker/dataset/fingerprint'
import { headName } from '../../src-worker/dataset/head'
import { preview } from '../../src-worker/dataset/preview'
import { referencePath } from '../reference-path'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spw-data-'))
})

const fixture = (name: string): string => join(__dirname, 'fixtures', name)

async function file(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, bytes)
  return path
}

async function all(
  path: string,
  field = '',
): Promise<{ texts: string[]; skipped: object; docs: Document[] }> {
  const skipped = {}
  const docs: Document[] = []
  for await (const document of documents(path, field, skipped)) docs.push(document)
  return { texts: docs.map(({ text }) => text), skipped, docs }
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => undefined,
    e => e,
  )
  expect(error).toBeInstanceOf(Fault)
  return error as Fault
}

const texts = Array.from(
  { length: 40 },
  (_, i) => `Document ${i}, with “quotes”, commas and ümlauts.`,
)
const jsonl = texts.map(text => JSON.stringify({ text, n: 1 })).join('\n')
const frames = (parts: string[]): Buffer =>
  Buffer.concat(parts.map(part => compress(Buffer.from(part))))

describe('one set of documents in many files', () => {
  const csv = `n,text\r\n${texts.map((text, i) => `${i},"${text}"`).join('\r\n')}\r\n`
  test.each([
    ['a.jsonl', jsonl],
    ['crlf.jsonl', `\ufeff${jsonl.replaceAll('\n', '\r\n')}\r\n\r\n`],
    ['a.jsonl.zst', compress(Buffer.from(jsonl))],
    ['frames.jsonl.zst', frames([jsonl.slice(0, 300), jsonl.slice(300, 301), jsonl.slice(301)])],
    ['a.jsonl.gz', gzipSync(jsonl)],
    ['members.json.gz', Buffer.concat([gzipSync(jsonl.slice(0, 99)), gzipSync(jsonl.slice(99))])],
    ['array.json', JSON.stringify(texts.map(text => ({ text })))],
    ['a.csv', csv],
    ['a.csv.gz', gzipSync(`\ufeff${csv}`)],
    ['a.tsv', `text\tn\n${texts.map(text => `${text.replaceAll('"', '""')}\t1`).join('\n')}`],
    ['a.txt', texts.join('\n<|endoftext|>\n')],
  ])('%s', async (name, bytes) => {
    const { texts: found, skipped } = await all(await file(name, bytes))
    expect(found).toEqual(texts)
    expect(skipped).toEqual({})
  })

  test('a line longer than a chunk, over many of them', async () => {
    const long = 'x'.repeat(3_000_000)
    const { texts: found } = await all(
      await file(
        'long.jsonl',
        [long, 'short', long].map(text => JSON.stringify({ text })).join('\n'),
      ),
    )
    expect(found.map(text => text.length)).toEqual([3_000_000, 5, 3_000_000])
  })

  test.each(['snappy', 'zstd', 'gzip'])('parquet with %s, several row groups', async codec => {
    const { texts: found, docs } = await all(fixture(`rows-${codec}.parquet`))
    expect(found).toHaveLength(250)
    expect(found[249]).toBe('Row 249: ' + 'the quick fox '.repeat(5))
    expect(docs[249]?.fields.n).toBe(249)
    expect(docs[249]?.where.index).toBe(249)
  })

  test('offsets are those of the decompressed text', async () => {
    const { docs } = await all(await file('offsets.jsonl.zst', compress(Buffer.from(jsonl))))
    const bytes = Buffer.from(jsonl)
    const at = docs[7]?.where.offset ?? 0
    expect(JSON.parse(bytes.subarray(at, bytes.indexOf(10, at)).toString())).toMatchObject({
      text: texts[7],
    })
  })

  test('a folder is read in order of names, other files are left alone', async () => {
    await file('folder/b.jsonl', '{"text":"two"}\n')
    await file('folder/a.txt', 'one')
    await file('folder/sub/c.jsonl.gz', gzipSync('{"text":"three"}\n'))
    await file('folder/README.md', 'not data')
    await file('folder/.hidden.jsonl', '{"text":"hidden"}\n')
    const { texts: found } = await all(join(folder, 'folder'))
    expect(found).toEqual(['one', 'two', 'three'])
  })

  test('text without records is cut at blank lines after enough of it', async () => {
    const paragraph = `${'word '.repeat(150).trim()}\n`
    const { texts: found } = await all(await file('book.txt', `${paragraph}\n`.repeat(12)))
    expect(found).toHaveLength(4)
    expect(found.every(text => text.length >= 2000 && text.length < 3000)).toBe(true)
  })
})

test('the field is found by itself, or named', async () => {
  const pile = await all(referencePath('data/pile_sample.jsonl.zst'))
  expect(pile.texts).toHaveLength(12)
  const red = await all(referencePath('data/redpajama_v2_sample.json.gz'))
  expect(red.texts).toHaveLength(12)
  expect(red.docs[0]?.fields.source_domain).toBe('example.org')
  const named = await all(await file('named.jsonl', '{"text":"a","story":"b"}'), 'story')
  expect(named.texts).toEqual(['b'])
})

test('a few bad lines among many are counted and skipped', async () => {
  const lines = Array.from({ length: 1000 }, (_, i) => JSON.stringify({ text: `line ${i}` }))
  lines[3] = '{"text": "cut'
  lines[50] = '[1, 2]'
  lines[77] = '{"words":"no text"}'
  lines[500] = '{"text":"  "}'
  const { texts: found, skipped } = await all(await file('few-bad.jsonl', lines.join('\n')))
  expect(found).toHaveLength(996)
  expect(skipped).toEqual({
    'not JSON: an object that its line does not end (jq -c . writes one a line)': 1,
    'not a JSON object': 1,
    "no field 'text'": 1,
    'empty text': 1,
  })
})

test('a last line without its end counts when it is whole, and is reported as cut off when it is not', async () => {
  const lines = Array.from({ length: 5 }, (_, i) => JSON.stringify({ text: `line ${i}` }))
  const whole = lines.join('\n')
  expect(await all(await file('whole.jsonl', whole))).toMatchObject({ skipped: {} })
  const { texts: found, skipped } = await all(await file('cut.jsonl', whole.slice(0, -3)))
  expect(found).toHaveLength(4)
  expect(skipped).toEqual({ 'cut off: the file ends in the middle of its last line': 1 })
  await expect(all(await file('only.jsonl', '{"text": "o'))).rejects.toThrow(
    /1 of 1 records are unusable; the first, at byte 0: cut off: the file ends/,
  )
})

describe('faults', () => {
  const good = JSON.stringify({ text: 'fine' })
  const lines = (count: number, bad: number): string =>
    Array.from({ length: count }, (_, i) =>
      i % Math.floor(count / bad) === 0 ? '{oops' : good,
    ).join('\n')
  const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + 31) % 251))

  test.each<[string, string | Uint8Array, string, RegExp]>([
    [
      'many-bad.jsonl',
      lines(400, 8),
      'bad-data',
      /8 of 400 records are unusable; the first, at byte 0: not JSON/,
    ],
    ['all-bad.jsonl', lines(3, 3), 'bad-data', /3 of 3 records are unusable/],
    ['junk.jsonl', noise, 'bad-file', /the byte 0x[89a-f]. at byte \d+, line \d+, is no UTF-8/],
    ['junk.txt', noise, 'bad-file', /the byte 0x[89a-f]. at byte \d+, line \d+, is no UTF-8/],
    ['junk.zst.jsonl.zst', noise, 'bad-file', /does not begin as zstd does \(byte 0\)/],
    ['junk.json.gz', noise, 'bad-file', /does not begin as gzip does \(byte 0\)/],
    ['junk.parquet', noise, 'bad-file', /does not begin as parquet does \(byte 0\)/],
    [
      'cut.jsonl.zst',
      compress(Buffer.from(jsonl)).subarray(0, 200),
      'bad-file',
      /ends in the middle of its zstd data, at byte 200/,
    ],
    [
      'cut.jsonl.gz',
      gzipSync(jsonl).subarray(0, 200),
      'bad-file',
      /ends in the middle of its gzip data, at byte 200/,
    ],
    ['empty.jsonl', '', 'bad-data', /holds no record/],
    ['blank.jsonl', '\n\n\n', 'bad-data', /holds no record/],
    ['empty.jsonl.zst', '', 'bad-file', /is empty/],
    [
      'none.jsonl',
      '{"title":"x","body":"y"}',
      'bad-data',
      /has no field text, raw_content, content that is text, .*; its fields: title, body/,
    ],
    ['number.jsonl', '{"text":1}\n{"text":2}', 'bad-data', /no field/],
    ['data.bin', good, 'usage', /is of no kind that can be read/],
    ['broken.json', '[{"text":"a"},', 'bad-file', /begins as a JSON array but is not one/],
  ])('%s', async (name, bytes, code, words) => {
    const fault = await faultOf(all(await file(name, bytes)))
    expect(fault.message).toMatch(words)
    expect(fault.code).toBe(code)
    expect(fault.fix).toMatch(/\.$/)
    expect(fault.message).toContain(name)
  })

  test('a named field that no record has', async () => {
    const fault = await faultOf(all(await file('wrong-field.jsonl', jsonl), 'story'))
    expect(fault.message).toMatch(
      /40 of 40 records are unusable.*no field 'story' \(its fields: text, n\)/,
    )
  })

  test('flipped bytes inside a frame', async () => {
    const bytes = Buffer.from(compress(Buffer.from(jsonl.repeat(40))))
    bytes.fill(0x5a, 60, 90)
    const fault = await faultOf(all(await file('flipped.jsonl.zst', bytes)))
    expect(fault.message).toMatch(/holds broken zstd data before byte \d+/)
  })

  test('a parquet file cut short', async () => {
    const bytes = await readFile(fixture('rows-zstd.parquet'))
    const fault = await faultOf(all(await file('cut.parquet', bytes.subarray(0, 3000))))
    expect(fault).toMatchObject({ code: 'bad-file' })
    expect(fault.message).toMatch(/its index, before byte 3000/)
  })

  test('nothing there', async () => {
    expect((await faultOf(all(join(folder, 'absent.jsonl')))).message).toMatch(
      /there is no data at/,
    )
  })

  test('a folder without data', async () => {
    await file('no-data/notes.md', '#')
    expect((await faultOf(all(join(folder, 'no-data')))).message).toMatch(
      /no file in .* can be read/,
    )
  })
})

test('rows of a table that are broken are counted', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => (i === 20 ? '1,2,3' : `${i},text ${i}`))
  const { texts: found, skipped } = await all(
    await file('rows.csv', `n,text\n${rows.join('\n')}\n`),
  )
  expect(found).toHaveLength(299)
  expect(Object.values(skipped)).toEqual([1])
})

test('the head of a larger file may end anywhere', async () => {
  const bytes = compress(Buffer.from(`${jsonl}\n`.repeat(200)))
  const path = await file(headName('large.jsonl.zst', 1000), bytes.subarray(0, bytes.length - 20))
  expect((await all(path)).texts.length).toBeGreaterThan(0)
  const plain = await file(headName('large.jsonl', 500), jsonl.slice(0, 500))
  const { texts: found, skipped } = await all(plain)
  expect(found.length).toBeGreaterThan(3)
  expect(skipped).toEqual({})
  const parquet = await file(headName('large.parquet', 9), 'PAR1abcde')
  expect((await faultOf(all(parquet))).code).toBe('usage')
})

test('messages of a parquet file are plain objects', async () => {
  for await (const { fields } of fieldsRecords(fixture('messages.parquet'), {})) {
    expect(fields.messages).toEqual([
      { role: 'user', content: 'Question 0?' },
      { role: 'assistant', content: 'Answer 0.' },
    ])
    break
  }
})

test('a preview reads no more than it shows, and finds the field', async () => {
  const shown = await preview(referencePath('data/redpajama_v2_sample.json.gz'), 3)
  expect(shown.rows).toHaveLength(3)
  expect(shown).toMatchObject({ field: 'raw_content' })
  expect(String(shown.rows[0]?.raw_content).length).toBeLessThanOrEqual(2001)
  expect((await preview(fixture('messages.parquet'), 2)).fields).toContain('messages')
  expect(await preview(await file('odd.jsonl', '{"x":1}'), 2)).toMatchObject({
    field: '',
    fields: ['x'],
  })
})

test('a fingerprint shows changed data', async () => {
  const path = await file('print.jsonl', jsonl)
  const before = await fingerprint(path)
  expect(before).toMatchObject({ files: 1, bytes: Buffer.byteLength(jsonl) })
  expect((await fingerprint(path)).sha256).toBe(before.sha256)
  await writeFile(path, jsonl.replace('Document 39', 'Document 93'))
  expect((await fingerprint(path)).sha256).not.toBe(before.sha256)
  expect((await fingerprint(join(folder, 'folder'))).files).toBeGreaterThan(2)
})

test('a table that is broken from its second row on is refused', async () => {
  const path = await file('quotes.csv', `text,label\n${'"x"y,1\n'.repeat(60)}`)
  await expect(preview(path, 5)).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringMatching(/records are unusable; the first, at line 2/),
  })
})
