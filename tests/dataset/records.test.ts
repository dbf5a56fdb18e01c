// Records and the lines they are made of: thresholds by hand, bytes counted by hand.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { badRecordLimit } from '../../src-worker/dataset/bad-record-limit'
import { documents } from '../../src-worker/dataset/documents'
import { jsonRecords } from '../../src-worker/dataset/json-lines'
import { fileLines } from '../../src-worker/dataset/lines'
import { textRecords } from '../../src-worker/dataset/plain-text'
import { countSkip, type SkipCounts } from '../../src-worker/dataset/skip-counts'
import { temporaryFolder } from '../temporary'

function file(name: string, content: string | Buffer): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('how many bad records are too many', () => {
  /** @param order g: good, b: bad */
  function limit(order: string, skipped: SkipCounts = {}): SkipCounts {
    const count = badRecordLimit('x.jsonl', 'byte', skipped, 'Fix it.')
    for (const [i, one] of [...order].entries())
      if (one === 'g') count.good()
      else count.bad('not JSON', 10 * i, ' (of line)')
    count.end()
    return skipped
  }

  test.each([
    ['1 of 100', 'b' + 'g'.repeat(99), true],
    ['2 of 100', 'bb' + 'g'.repeat(98), false],
    ['2 of 200', 'bb' + 'g'.repeat(198), true],
    ['3 of 200', 'bbb' + 'g'.repeat(197), false],
    ['9 of 10: too few to judge', 'bbbbbbbbbg', true],
    ['all of 3', 'bbb', false],
    ['none at all', '', true],
    [
      'a cluster of 20 that is thinned out',
      'g'.repeat(100) + 'b'.repeat(20) + 'g'.repeat(1900),
      true,
    ],
    ['a cluster of 22 in the middle', 'g'.repeat(100) + 'b'.repeat(22) + 'g'.repeat(3000), false],
    ['49 bad ones, then good ones', 'b'.repeat(49) + 'g'.repeat(50), true],
    ['50 bad ones behind a good one, thinned out', 'g' + 'b'.repeat(50) + 'g'.repeat(30), true],
    ['50 bad ones at the start', 'b'.repeat(50) + 'g'.repeat(9000), false],
  ])('%s', (_, order, fine) => {
    if (fine) expect(limit(order)['not JSON'] ?? 0).toBe([...order].filter(c => c === 'b').length)
    else expect(() => limit(order)).toThrow(/records are unusable/)
  })

  test('the fault names counts, the first one and its place', () => {
    expect(() => limit('ggbgb' + 'b'.repeat(20) + 'g'.repeat(100))).toThrow(
      'x.jsonl: 22 of 125 records are unusable; the first, at byte 20: not JSON (of line)',
    )
  })

  test('reasons add up', () => {
    const counts: SkipCounts = { empty: 1 }
    countSkip(counts, 'empty', 2)
    countSkip(counts, 'other')
    expect(counts).toEqual({ empty: 3, other: 1 })
  })
})

describe('lines', () => {
  test('LF and CRLF, offsets in bytes, a last line without an end', async () => {
    const found = await all(fileLines(file('a.txt', 'é\r\n\nxyz\n\r\nlast')))
    const lines = found.map(({ offset, ends }) => [offset, ends])
    expect(lines).toEqual([
      [0, true],
      [4, true],
      [5, true],
      [9, true],
      [11, false],
    ])
  })

  test('bytes are those of the line alone', async () => {
    const texts: string[] = []
    for await (const { bytes } of fileLines(file('a.txt', 'ab\r\ncd\n\re\nf')))
      texts.push(bytes.toString())
    expect(texts).toEqual(['ab', 'cd', '\re', 'f'])
  })

  test('a line over many chunks is whole', async () => {
    const long = Array.from({ length: 60_000 }, (_, i) => String(i % 100_000).padStart(5)).join('')
    const found: unknown[] = []
    for await (const { bytes, offset } of fileLines(file('a.txt', `a\n${long}\nb\n`)))
      found.push(offset, bytes.toString() === long || bytes.toString())
    expect(found).toEqual([0, 'a', 2, true, 300_003, 'b'])
  })
})

test('.jsonl: blank lines are none, bad ones keep their number, a cut end is told', async () => {
  const good = Array.from({ length: 300 }, (_, i) => `{"n":${i}}`)
  const skipped: SkipCounts = {}
  const text = `\ufeff{"n":-1}\n\n[1]\n${good.join('\n')}\n{"n":`
  const found = await all(jsonRecords(file('a.jsonl', text), skipped))
  expect(found).toHaveLength(301)
  expect(found[0]).toMatchObject({ fields: { n: -1 }, where: { index: 0, offset: 3 } })
  // the mark has three bytes, the first record eight, the array three, each with its line end
  expect(found[1]).toMatchObject({ fields: { n: 0 }, where: { index: 2, offset: 17 } })
  expect(skipped).toEqual({
    'not a JSON object': 1,
    'cut off: the file ends in the middle of its last line': 1,
  })
})

describe('.txt', () => {
  const texts = async (content: string): Promise<string[]> =>
    (await all(textRecords(file('a.txt', content), {}))).map(({ fields }) => String(fields.text))

  test('cut at marks, and at the first blank line after 2000 characters', async () => {
    expect(await texts('a\n\nb\n<|endoftext|>\nc\n <|endoftext|> \n\n')).toEqual(['a\n\nb', 'c'])
    const line = `${'x'.repeat(99)}\n`
    // 20 lines of 100 characters, the last 2 of which are beyond the blank line at 2000
    expect((await texts(`${line.repeat(20)}\n${line.repeat(2)}`)).map(t => t.length)).toEqual([
      1999, 199,
    ])
    expect((await texts(`${line.repeat(19)}\n${line.repeat(2)}`)).map(t => t.length)).toEqual([
      2100,
    ])
  })

  test('without blank lines, at a line end after 20,000 characters', async () => {
    const line = `${'x'.repeat(99)}\n`
    expect((await texts(line.repeat(250))).map(t => t.length)).toEqual([
      201 * 100 - 1,
      49 * 100 - 1,
    ])
  })

  test('each document knows where it begins', async () => {
    const found = await all(textRecords(file('a.txt', 'é\n<|endoftext|>\nb\n'), {}))
    expect(found.map(({ where }) => [where.index, where.offset])).toEqual([
      [0, 0],
      [1, 17],
    ])
  })
})

test('documents: empty texts are skipped and counted, what is no text is bad', async () => {
  const rows = ['{"text":"a"}', '{"text":"  "}', '{"text":1}', '{"other":"b"}', '{"text":"c"}']
  const skipped: SkipCounts = {}
  const found = await all(documents(file('a.jsonl', rows.join('\n')), 'text', skipped))
  expect(found.map(each => each.text)).toEqual(['a', 'c'])
  expect(skipped).toEqual({ 'empty text': 1, "field 'text' is not text": 1, "no field 'text'": 1 })
  await expect(all(documents(file('b.jsonl', ''), '', {}))).rejects.toMatchObject({
    code: 'bad-data',
  })
})
