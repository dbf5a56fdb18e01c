// .jsonl, .json and their compressed forms: one JSON object a line, or one array, alone or in one object around it, which
// is read as its elements; or one object that is a table.
import { Fault } from '../contract/fault'
import { isPlain } from '../shared/plain-object'
import { type BadRecordLimit, badRecordLimit } from './bad-record-limit'
import { type FieldsRecord, noted } from './fields'
import { isHead } from './head'
import { arrayElements, leftOpen, loneObject, tooLarge } from './json-bounds'
import { type Row, rowReader } from './json-rows'
import { type Table, tableOf } from './json-table'
import { behindList, isLines, leftBehind, textFrom, type Wrapper, wrapperOf } from './json-wrapper'
import { fileLines } from './lines'
import { countSkip, type SkipCounts } from './skip-counts'
import { textBytes } from './text-bytes'
import { namesTwice, parseWritten } from './written-json'

const fix = 'Give a file with one JSON object a line, as UTF-8.'

/** Reads a value as a record. */
type ReadRow = (value: unknown) => Row

/** Half of a character of two UTF-16 units: no tokenizer has it. */
const isBrokenText = (value: unknown): boolean => {
  if (typeof value === 'string') return /\p{Cs}/u.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, inner]) => isBrokenText(name) || isBrokenText(inner))
}

const brokenText = 'half of a character (\\ud800 to \\udfff without its other half)'

/** Such halves come only from escapes: bytes that are UTF-8 hold none. */
const mayBreak = (text: string): boolean => /\\ud[89a-f]/i.test(text)

/** What Python's json writes and JSON does not have. */
const noNumber = /[:[,]\s*-?(?:NaN|Infinity)\b/
const twoInOne = /\}\s*\{/
// biome-ignore lint/suspicious/noControlCharactersInRegex: no text of JSON holds them
const wholeText = /"(?:[^"\\\u0000-\u001f]|\\.)*"/g
/** Kinds of what is no JSON, by what it looks like without its texts. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/\}\s*,\s*$/, 'a comma behind the object'],
  [/,\s*[}\]]/, 'a comma before the end of an object or a list'],
  [/^\s*\{\s*'/, 'texts in single quotes, as Python prints them (json.dumps writes JSON)'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  [/"[^"]*[\u0000-\u001f]/, 'a control character in a text (\\t for a tab)'],
]

/** Why a text is no JSON, as exactly as a person needs it to go on. @param ends the line has an end */
function whyNotJson(text: string, bytes: Buffer, ends: boolean): string {
  const open = leftOpen(bytes)
  if (open > 0 && !ends) return 'cut off: the file ends in the middle of its last line'
  if (open !== 0)
    return 'not JSON: an object that its line does not end (jq -c . writes one a line)'
  if (noNumber.test(text)) return 'not JSON: NaN or Infinity, which JSON does not have'
  if (twoInOne.test(text))
    return 'not JSON: several objects in one line (jq -c . writes one a line)'
  const structure = text.replace(wholeText, '_')
  const kind = kinds.find(([looks]) => looks.test(structure))
  return kind === undefined ? 'not JSON' : `not JSON: ${kind[1]}`
}

function parseRecord(bytes: Buffer, readRow: ReadRow, ends = true): Row {
  const why = tooLarge(bytes)
  if (why !== undefined) return { why }
  // files that were put together bring a byte order mark in their middle
  const text = bytes.toString('utf8').replace(/^\ufeff/, '')
  let value: unknown
  try {
    value = parseWritten(text)
  } catch {
    return { why: whyNotJson(text, bytes, ends) }
  }
  if (mayBreak(text) && isBrokenText(value)) return { why: brokenText }
  const row = readRow(value)
  if (row === 'names' || 'why' in row) return row
  return { ...row, notes: [...namesTwice(text, value), ...row.notes] }
}

const isBlank = (bytes: Buffer): boolean =>
  bytes.length < 64 && bytes.toString('latin1').trim() === ''

/** Counts what gives no record: a null here and there is none, and no sign of another kind of file. */
const leavingOut =
  (count: BadRecordLimit, skipped: SkipCounts) =>
  ({ why, missing }: Exclude<Row, 'names' | { notes: unknown }>, at: number): void =>
    missing ? countSkip(skipped, why) : count.bad(why, at)

async function* readLines(path: string, skipped: SkipCounts): AsyncGenerator<FieldsRecord> {
  const count = badRecordLimit(path, 'byte', skipped, fix)
  const leaveOut = leavingOut(count, skipped)
  const readRow = rowReader()
  let index = 0
  for await (const { bytes, offset, ends } of fileLines(path)) {
    if (isBlank(bytes)) continue
    // a whole last line needs no line end
    const parsed = parseRecord(bytes, readRow, ends)
    if (parsed === 'names') continue
    const where = { file: path, index: index++, offset }
    if ('why' in parsed) {
      leaveOut(parsed, offset)
      continue
    }
    count.good()
    yield noted({ fields: parsed.fields, where }, parsed.notes)
  }
  count.end()
}

/** @param wrapper the object around the array; undefined: it is the file */
async function* readArray(
  path: string,
  skipped: SkipCounts,
  wrapper?: Wrapper,
): AsyncGenerator<FieldsRecord> {
  const broken = (why: string): Fault =>
    new Fault('bad-file', `${path} begins as a JSON array but is not one: ${why}`, fix)
  const behind = behindList()
  const chunks = wrapper === undefined ? textBytes(path) : textFrom(path, wrapper.at)
  const elements = arrayElements(chunks, broken, isHead(path), wrapper && behind.add)
  const count = badRecordLimit(path, 'byte', skipped, fix)
  const leaveOut = leavingOut(count, skipped)
  const readRow = rowReader()
  let index = 0
  for await (const { bytes, offset } of elements) {
    const parsed = parseRecord(bytes, readRow)
    if (parsed === 'names') continue
    const where = { file: path, index: index++, offset }
    if ('why' in parsed) leaveOut(parsed, offset)
    else {
      count.good()
      yield noted({ fields: parsed.fields, where }, parsed.notes)
    }
  }
  count.end()
  if (wrapper === undefined || isHead(path)) return
  const left = leftBehind(behind.text(), wrapper)
  if (left === undefined) throw broken('the object around it does not end')
  if (left !== '') countSkip(skipped, left)
}

/** A .json file, by its name: it may be one array or one object. */
const isWhole = (path: string): boolean => /\.json(\.gz|\.zst)?$/i.test(path)

/** An array of records, whatever the file is called; a line may be an array too, if others stand behind it. */
async function beginsAsArray(path: string): Promise<boolean> {
  for await (const { bytes } of textBytes(path)) {
    const text = bytes.subarray(0, 256).toString('utf8').trimStart()
    if (text === '') continue
    return (isWhole(path) ? text.startsWith('[') : /^\[\s*\{/.test(text)) && !isLines(bytes)
  }
  return false
}

interface Lone {
  readonly table: Table
  readonly notes: readonly string[]
}

/** The records of a file that is one object; undefined: it is none, or is a record itself. */
async function loneTable(path: string, skipped: SkipCounts): Promise<Lone | undefined> {
  const bytes = await loneObject(textBytes(path))
  if (bytes === undefined || tooLarge(bytes) !== undefined) return undefined
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = parseWritten(text)
  } catch {
    return undefined // its lines say why
  }
  if (!isPlain(value)) return undefined
  const table = tableOf(path, value, skipped) ?? { rows: [value] }
  return { table, notes: namesTwice(text, value) }
}

function* readTable(path: string, { table, notes }: Lone, skipped: SkipCounts) {
  const count = badRecordLimit(path, 'record', skipped, fix)
  const leaveOut = leavingOut(count, skipped)
  const readRow = rowReader()
  for (const [index, value] of table.rows.entries()) {
    const row = isBrokenText(value) ? { why: brokenText } : readRow(value)
    if (row === 'names') continue
    const where = { file: path, index, offset: index }
    if ('why' in row) {
      leaveOut(row, index)
      continue
    }
    count.good()
    // what is to be said of the object is said once
    const all = [...(index === 0 ? notes : []), ...(table.note ? [table.note] : []), ...row.notes]
    yield noted({ fields: row.fields, where }, all)
  }
  count.end()
}

/**
 * Objects of a .jsonl or .json file, compressed or not: one a line, or the elements of one array, or of the list of one
 * object around them, or the records of one object that is a table.
 * Faults: bad-data (too many bad lines, with the byte of the first), bad-file (see fileBytes and fileLines).
 */
export async function* jsonRecords(
  path: string,
  skipped: SkipCounts,
): AsyncGenerator<FieldsRecord> {
  if (await beginsAsArray(path)) return yield* readArray(path, skipped)
  if (!isWhole(path)) return yield* readLines(path, skipped)
  const wrapper = await wrapperOf(path)
  if (wrapper !== undefined) return yield* readArray(path, skipped, wrapper)
  const lone = await loneTable(path, skipped)
  yield* lone === undefined ? readLines(path, skipped) : readTable(path, lone, skipped)
}
