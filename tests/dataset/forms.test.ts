// The forms in which people keep the same data: each is read, or refused with words that say what it is.
// long because each form is one row of a table
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { compress } from 'zstd-napi'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { parquetRecords } from '../../src-worker/dataset/parquet'
import type { SkipCounts } from '../../src-worker/dataset/skip-counts'

const folder = mkdtempSync(join(tmpdir(), 'spw-forms-'))

async function read(name: string, bytes: string | Uint8Array) {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return readPath(path)
}

async function readPath(path: string) {
  const skipped: SkipCounts = {}
  const records: unknown[] = []
  for await (const { fields } of fieldsRecords(path, skipped)) records.push(fields)
  return { records, skipped }
}

const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
const utf32 = (text: string): Buffer =>
  Buffer.concat(
    [...text].map(c => {
      const unit = Buffer.alloc(4)
      unit.writeUInt32LE(c.codePointAt(0) ?? 0)
      return unit
    }),
  )
const line = (text: string): string => `${JSON.stringify({ text })}\n`
const lines = (text: string): string => line(text).repeat(3)

describe('text in another encoding is a fault that names it', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['russian.jsonl', Buffer.from(lines('Привет, мир'), 'utf16le'), 'UTF-16LE'],
    ['russian.csv', swapped(`text\n${lines('Привет, мир')}`), 'UTF-16BE'],
    ['japanese.jsonl', Buffer.from(lines('日本語のテキスト'), 'utf16le'), 'UTF-16LE'],
    ['japanese.txt', swapped('日本語のテキストです。\n'.repeat(20)), 'UTF-16BE'],
    ['short.txt', Buffer.from('мир', 'utf16le'), 'UTF-16LE'],
    ['wide.jsonl', utf32(lines('Привет')), 'UTF-32LE'],
    ['marked.txt', utf32('\ufeffabc'), 'UTF-32'],
    // "text": テキスト in Shift_JIS, made by iconv
    [
      'sjis.jsonl',
      Buffer.from('7b2274657874223a2283658340834c8358836782c582b7227d0a', 'hex'),
      'CP932',
    ],
    [
      'eucjp.jsonl',
      Buffer.from('7b2274657874223a22a5c6a5ada5b9a5c8a4c7a4b9227d0a', 'hex'),
      'EUC-JP',
    ],
    ['cp1251.csv', Buffer.from('746578740acff0e8e2e5f220ece8f00a', 'hex'), 'Windows-1251'],
    ['koi8.txt', Buffer.from('f0d2c9d7c5d420cdc9d20a', 'hex'), 'KOI8-R'],
    ['gb.jsonl', Buffer.from('7b2274657874223a22d6d0cec4cec4b1be227d0a', 'hex'), 'GB18030'],
    ['korean.txt', Buffer.from('c7d1b1b9bef320c5d8bdbac6ae0a', 'hex'), 'CP949'],
    ['latin.json', Buffer.from('[{"text": "caf\xe9 na\xefve"}]', 'latin1'), 'ISO-8859-1'],
    ['quotes.txt', Buffer.from('\x93caf\xe9\x94 \x96 no', 'latin1'), 'Windows-1252'],
  ])('%s', async (name, bytes, encoding) => {
    await expect(read(name, bytes)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/no UTF-8/),
      fix: `Write it as UTF-8: iconv -f ${encoding} -t UTF-8.`,
    })
  })

  test.each([
    ['Русский, 日本語, हिन्दी, עברית, 🙂'],
    ['a\tb\tc\td\te\tf'],
    ['a'],
    ['\u0001\u0002 control characters here and there, but few of them'],
  ])('UTF-8 stays UTF-8: %j', async text => {
    expect((await read('u.txt', text)).records).toEqual([{ text: text.trim() }])
  })

  test.each([
    ['bzip2', 'BZh91AY&SY\xfe\xad'],
    ['xz', '\xfd7zXZ\0\0\x04'],
    ['zip archive', 'PK\x03\x04\x14\0'],
    ['PDF', '%PDF-1.7\n%\xe2\xe3'],
  ])('another kind of file is named: %s', async (kind, head) => {
    const bytes = Buffer.from(head.padEnd(600, '\x07'), 'latin1')
    await expect(read('x.csv', bytes)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining(kind),
    })
  })
})

test('zeros are no UTF-32', async () => {
  await expect(read('z.jsonl', new Uint8Array(4096))).rejects.toThrow(/not JSON/)
})

describe('JSON', () => {
  const two = [{ text: 'a' }, { text: 'b' }]
  test.each<[string, string]>([
    ['an array in .jsonl', JSON.stringify(two)],
    ['an array over lines', JSON.stringify(two, null, 2)],
    ['CR alone', '{"text":"a"}\r{"text":"b"}\r'],
    ['a mark in the middle', '\ufeff{"text":"a"}\n\ufeff{"text":"b"}\n'],
  ])('%s', async (_, text) => {
    for (const name of ['a.jsonl', 'a.json'])
      expect(await read(name, text)).toEqual({ records: two, skipped: {} })
  })

  const good = line('fine').repeat(300)
  test.each([
    ['\t{"text":a\t}', 'not JSON'],
    ['{"text":"a,] }," b}', 'not JSON'],
    ['{"text":"a",}', 'not JSON: a comma before the end of an object or a list'],
    ['{"text":"a"},', 'not JSON: a comma behind the object'],
    [
      "{'text': 'a'}",
      'not JSON: texts in single quotes, as Python prints them (json.dumps writes JSON)',
    ],
    ['{"text":"a\tb"}', 'not JSON: a control character in a text (\\t for a tab)'],
    ['{"text":NaN}', 'not JSON: NaN or Infinity, which JSON does not have'],
    ['{"a":1}{"a":2}', 'not JSON: several objects in one line (jq -c . writes one a line)'],
    ['{', 'not JSON: an object that its line does not end (jq -c . writes one a line)'],
    ['null', 'a record that is null'],
    ['3', 'not a JSON object'],
    ['[{"text":"a"}]', 'not a JSON object'],
    ['{"text":"\\ud83d"}', 'half of a character (\\ud800 to \\udfff without its other half)'],
  ])('%s is counted by its reason', async (text, why) => {
    const { records, skipped } = await read('bad.jsonl', `${good}${text}\n${good}`)
    expect([records.length, skipped]).toEqual([600, { [why]: 1 }])
  })

  test.each([
    ['lines', '{"text":"a"}\nnull\n{"text":"b"}\nnull\n'],
    ['an array', '[null, {"text":"a"}, null, {"text":"b"}]'],
    ['a list in an object', '{"data": [{"text":"a"}, null, null, {"text":"b"}]}'],
  ])('a record that is null is left out, wherever and however many: %s', async (_, text) => {
    const { records, skipped } = await read('n.json', text)
    expect([records, skipped]).toEqual([two, { 'a record that is null': 2 }])
  })

  test('a whole emoji in escapes, and a backslash before it, are text', async () => {
    const { records } = await read('e.jsonl', '{"text":"\\ud83d\\ude42 \\\\ud83d"}\n')
    expect(records).toEqual([{ text: '🙂 \\ud83d' }])
  })
})

describe('tables', () => {
  const rows = [
    { text: 'hallo, du', n: '1,5' },
    { text: 'a;b|c', n: '2' },
  ]
  test.each([
    ['commas', 'text,n\n"hallo, du","1,5"\na;b|c,2\n'],
    ['semicolons, as spreadsheets write them', 'text;n\nhallo, du;1,5\n"a;b|c";2\n'],
    ['a line that names the separator', 'sep=;\r\ntext;n\r\nhallo, du;1,5\r\n"a;b|c";2\r\n'],
    ['tabs in .csv', 'text\tn\nhallo, du\t1,5\na;b|c\t2\n'],
    ['bars', 'text|n\nhallo, du|1,5\n"a;b|c"|2\n'],
    ['CR alone', 'text;n\rhallo, du;1,5\r"a;b|c";2\r'],
    ['blank lines first', '\n\ntext,n\n"hallo, du","1,5"\n\na;b|c,2\n'],
  ])('%s', async (_, text) => {
    expect(await read('t.csv', text)).toEqual({ records: rows, skipped: {} })
  })

  test('a name of a column that holds other separators in quotes', async () => {
    const { records } = await read('q.csv', '"a;b;c",n\n1,2\n')
    expect(records).toEqual([{ 'a;b;c': '1', n: '2' }])
  })

  test('a column without a name gets its place, a name twice is refused', async () => {
    expect((await read('i.csv', ',text,\n0,a,x\n')).records).toEqual([
      { 'column 1': '0', text: 'a', 'column 3': 'x' },
    ])
    await expect(read('d.csv', 'text,text\na,b\n')).rejects.toThrow('two columns are called "text"')
  })

  test('a quote that is never closed is no single broken row', async () => {
    const text = `text\n${'fine\n'.repeat(500)}"open\n${'lost\n'.repeat(500)}`
    await expect(read('open.csv', text)).rejects.toThrow(
      /a quote that opens behind line 501 is never closed, so that nothing behind it can be read/,
    )
  })

  test('rows of another length are counted', async () => {
    const { records, skipped } = await read('r.csv', `a,b\n${'1,2\n'.repeat(400)}1\n1,2,3\n`)
    expect(records).toHaveLength(400)
    expect(Object.values(skipped)).toEqual([1, 1])
  })
})

test('.txt with CR alone is lines', async () => {
  expect((await read('cr.txt', 'one\rtwo\r\rthree\r')).records).toEqual([
    { text: 'one\ntwo\n\nthree' },
  ])
})

describe('packed files', () => {
  const [a, b] = [line('a'), line('b')]
  const skippable = Buffer.from('502a4d180500000068656c6c6f', 'hex')
  const zstd = (text: string): Buffer => compress(Buffer.from(text))
  test.each<[string, Buffer]>([
    ['members.jsonl.gz', Buffer.concat([gzipSync(a), gzipSync(b)])],
    ['padded.jsonl.gz', Buffer.concat([gzipSync(a + b), Buffer.alloc(512)])],
    ['frames.jsonl.zst', Buffer.concat([skippable, zstd(a), skippable, zstd(b), skippable])],
  ])('%s', async (name, bytes) => {
    expect((await read(name, bytes)).records).toEqual([{ text: 'a' }, { text: 'b' }])
  })

  test.each<[string, Buffer]>([
    ['cut-member.jsonl.gz', Buffer.concat([gzipSync(a), gzipSync(b).subarray(0, 12)])],
    ['cut-head.jsonl.gz', gzipSync(a).subarray(0, 5)],
    ['cut-frame.jsonl.zst', Buffer.concat([zstd(a), zstd(b).subarray(0, 8)])],
    ['cut-first.jsonl.zst', zstd(a.repeat(100)).subarray(0, 7)],
    ['cut-skippable.jsonl.zst', Buffer.concat([zstd(a), skippable.subarray(0, 10)])],
  ])('%s', async (name, bytes) => {
    await expect(read(name, bytes)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/ends in the middle of its (gzip|zstd) data, at byte \d+/),
    })
  })
})

describe('parquet', () => {
  const fixture = (name: string): string => join(__dirname, 'fixtures', name)

  // the values of make_values.py, which made the file
  test('every digit and every kind of value', async () => {
    // in this process, and in the one that reads files of persons: the same
    const records: unknown[] = []
    for await (const { fields } of parquetRecords(fixture('values.parquet'))) records.push(fields)
    expect((await readPath(fixture('values.parquet'))).records).toEqual(records)
    expect(records).toEqual([
      {
        ...{ int32: '1.50', int64: '1234567890123456.78', whole: '12345678901234567890' },
        ...{ fixed: '123456789012345678901234567.1500', uint64: '18446744073709551615' },
        ...{ float32: 0.1, date: '2024-02-29', time: '01:02:03.000004' },
        ...{ naive: '2024-01-02T03:04:05.678901', zoned: '2024-01-02T03:04:05.678901Z' },
        ...{ nanos: '2024-01-02T03:04:05.678901234', nested: [{ price: '1.50', tags: ['a'] }] },
        ...{ map: { k: '4611686018427387904' }, words: 'x', binary: 'café', nothing: null },
      },
      {
        ...{ int32: '-0.05', int64: '-0.01', fixed: '-1.5000', whole: '-7' },
        ...{ uint64: '9223372036854775808', float32: null, date: null, time: null, naive: null },
        ...{ zoned: null, nanos: null, nested: null, map: null, words: 'x' },
        ...{ binary: { bytes: 4 }, nothing: null },
      },
      {
        ...{ int32: null, int64: '0.00', fixed: null, whole: '1', uint64: 1, float32: 16777216 },
        ...{ date: '0001-01-01', time: '00:00:00.000', naive: '1900-01-01T00:00:00.000' },
        ...{ zoned: '1900-01-01T00:00:00.000Z', nanos: '1969-12-31T23:59:59.999999999' },
        ...{ nested: [], map: {}, words: null, binary: '', nothing: null },
      },
    ])
  })

  test('a text that is no UTF-8 is a fault with its row', async () => {
    await expect(readPath(fixture('latin1.parquet'))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(
        /row 1, column text holds bytes that are no UTF-8; they are likely ISO-8859-1/,
      ),
    })
  })
})
