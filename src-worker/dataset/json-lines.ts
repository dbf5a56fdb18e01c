// .jsonl, .json and their compressed forms: one JSON object a line, or one array, alone or in one object around it, which
// is read as its elements.
import { Fault } from '../contract/fault'
import { isPlain } from '../shared/plain-object'
import { badRecordLimit } from './bad-record-limit'
import { type Fields, type FieldsRecord, noted } from './fields'
import { isHead } from './head'
import { arrayElements, leftOpen, tooLarge } from './json-bounds'
import { behindList, leftBehind, textFrom, type Wrapper, wrapperOf } from './json-wrapper'
import { fileLines } from './lines'
import { countSkip, type SkipCounts } from './skip-counts'
import { textBytes } from './text-bytes'
import { namesTwice, parseWritten } from './written-json'

const fix = 'Give a file with one JSON object a line, as UTF-8.'

type Parsed =
  | { readonly fields: Fields; readonly notes: readonly string[] }
  | { readonly why: string }

/** Half of a character of two UTF-16 units: no tokenizer has it. */
const isBrokenText = (value: unknown): boolean => {
  if (typeof value === 'string') return /\p{Cs}/u.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, inner]) => isBrokenText(name) || isBrokenText(inner))
}

function asFields(value: unknown, text: string): Parsed {
  if (!isPlain(value)) return { why: 'not a JSON object' }
  // such halves come only from escapes: bytes that are UTF-8 hold none
  if (/\\ud[89a-f]/i.test(text) && isBrokenText(value))
    return { why: 'half of a character (\\ud800 to \\udfff without its other half)' }
  return { fields: value as Fields, notes: namesTwice(text, value) }
}

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

function parseRecord(bytes: Buffer, ends = true): Parsed {
  const why = tooLarge(bytes)
  if (why !== undefined) return { why }
  // files that were put together bring a byte order mark in their middle
  const text = bytes.toString('utf8').replace(/^\ufeff/, '')
  try {
    return asFields(parseWritten(text), text)
  } catch {
    return { why: whyNotJson(text, bytes, ends) }
  }
}

const isBlank = (bytes: Buffer): boolean =>
  bytes.length < 64 && bytes.toString('latin1').trim() === ''

async function* readLines(path: string, skipped: SkipCounts): AsyncGenerator<FieldsRecord> {
  const count = badRecordLimit(path, 'byte', skipped, fix)
  let index = 0
  for await (const { bytes, offset, ends } of fileLines(path)) {
    if (isBlank(bytes)) continue
    // a whole last line needs no line end
    const parsed = parseRecord(bytes, ends)
    const where = { file: path, index: index++, offset }
    if ('why' in parsed) {
      count.bad(parsed.why, offset)
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
  let index = 0
  for await (const { bytes, offset } of elements) {
    const parsed = parseRecord(bytes)
    const where = { file: path, index: index++, offset }
    if ('why' in parsed) count.bad(parsed.why, offset)
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

/** An array of records, whatever the file is called; a line may be an array too, but holds none of objects. */
async function beginsAsArray(path: string): Promise<boolean> {
  const isLines = !/\.json(\.gz|\.zst)?$/i.test(path)
  for await (const { bytes } of textBytes(path)) {
    const text = bytes.subarray(0, 256).toString('utf8').trimStart()
    if (text !== '') return isLines ? /^\[\s*\{/.test(text) : text.startsWith('[')
  }
  return false
}

/**
 * Objects of a .jsonl or .json file, compressed or not: one a line, or the elements of one array, or of the list of one
 * object around them.
 * Faults: bad-data (too many bad lines, with the byte of the first), bad-file (see fileBytes and fileLines).
 */
export async function* jsonRecords(
  path: string,
  skipped: SkipCounts,
): AsyncGenerator<FieldsRecord> {
  if (await beginsAsArray(path)) return yield* readArray(path, skipped)
  const wrapper = await wrapperOf(path)
  yield* wrapper === undefined ? readLines(path, skipped) : readArray(path, skipped, wrapper)
}
