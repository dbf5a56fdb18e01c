// .jsonl and its compressed forms: one JSON object a line. A .json file that is one array is read as its elements.
import { Fault } from '../contract/fault'
import { isPlain } from '../shared/plain-object'
import { badRecordLimit } from './bad-record-limit'
import type { Fields, FieldsRecord } from './fields'
import { isHead } from './head'
import { arrayElements, tooLarge } from './json-bounds'
import { fileLines } from './lines'
import type { SkipCounts } from './skip-counts'
import { textBytes } from './text-bytes'
import { parseWritten } from './written-json'

const fix = 'Give a file with one JSON object a line, as UTF-8.'

type Parsed = { readonly fields: Fields } | { readonly why: string }

function asFields(value: unknown): Parsed {
  if (isPlain(value)) return { fields: value as Fields }
  return { why: 'not a JSON object' }
}

function parseLine(bytes: Buffer): Parsed {
  const why = tooLarge(bytes)
  if (why !== undefined) return { why }
  try {
    return asFields(parseWritten(bytes.toString('utf8')))
  } catch {
    return { why: 'not JSON' }
  }
}

const isBlank = (bytes: Buffer): boolean =>
  bytes.length < 64 && bytes.toString('latin1').trim() === ''

async function* readLines(path: string, skipped: SkipCounts): AsyncGenerator<FieldsRecord> {
  const count = badRecordLimit(path, 'byte', skipped, fix)
  let index = 0
  for await (const { bytes, offset, ends } of fileLines(path)) {
    if (isBlank(bytes)) continue
    const parsed = parseLine(bytes)
    const where = { file: path, index: index++, offset }
    if ('why' in parsed) {
      // a whole last line needs no line end; one that cannot be read was cut, by a broken download for instance
      count.bad(ends ? parsed.why : 'cut off: the file ends in the middle of its last line', offset)
      continue
    }
    count.good()
    yield { fields: parsed.fields, where }
  }
  count.end()
}

async function* readArray(path: string, skipped: SkipCounts): AsyncGenerator<FieldsRecord> {
  const broken = (why: string): Fault =>
    new Fault('bad-file', `${path} begins as a JSON array but is not one: ${why}`, fix)
  const count = badRecordLimit(path, 'byte', skipped, fix)
  let index = 0
  for await (const { bytes, offset } of arrayElements(textBytes(path), broken, isHead(path))) {
    const parsed = parseLine(bytes)
    const where = { file: path, index: index++, offset }
    if ('why' in parsed) count.bad(parsed.why, offset)
    else {
      count.good()
      yield { fields: parsed.fields, where }
    }
  }
  count.end()
}

async function beginsWithBracket(path: string): Promise<boolean> {
  for await (const { bytes } of textBytes(path)) {
    const text = bytes.subarray(0, 256).toString('utf8').trimStart()
    if (text !== '') return text.startsWith('[')
  }
  return false
}

/**
 * Objects of a .jsonl or .json file, compressed or not.
 * Faults: bad-data (too many bad lines, with the byte of the first), bad-file (see fileBytes and fileLines).
 */
export async function* jsonRecords(
  path: string,
  skipped: SkipCounts,
): AsyncGenerator<FieldsRecord> {
  const array = /\.json(\.gz|\.zst)?$/i.test(path) && (await beginsWithBracket(path))
  yield* array ? readArray(path, skipped) : readLines(path, skipped)
}
