// One object around all records of a file, as `{"version": 1, "data": [{…}, {…}]}`: its list is what the file holds.
import { isSpace, leftOpen } from './json-bounds'
import { type TextChunk, textBytes } from './text-bytes'

const names =
  'data|dataset|rows|records|examples|samples|instances|entries|train|training|test|validation'
/** What lists of records are called. */
export const listNames = new RegExp(`^(?:${names})$`, 'i')

const word = String.raw`"(?:[^"\\]|\\.)*"`
const single = String.raw`(?:${word}|-?\d[\d.eE+-]*|true|false|null)`
// messages are what a record holds, not records
const list = String.raw`(?=\[\s*\{(?!\s*"(?:role|from)"))`
const opening = new RegExp(
  String.raw`^\s*\{\s*(?:${word}\s*:\s*${single}\s*,\s*)*"(${names})"\s*:\s*${list}`,
  'i',
)

/** Bytes in which the list begins. */
const looked = 4096

export interface Wrapper {
  /** of the field that holds the list */
  readonly name: string
  /** byte at which the list begins */
  readonly at: number
}

/** A line that is whole, with another behind it: the file has one object a line. */
export function isLines(chunk: Buffer): boolean {
  const bytes = chunk.subarray(chunk.findIndex(byte => !isSpace(byte)))
  const end = bytes.indexOf(10)
  const isWhole = end >= 0 && leftOpen(bytes.subarray(0, end)) === 0
  return isWhole && bytes.subarray(end).toString('latin1').trim() !== ''
}

/** The list within the one object of a .json file; undefined: its records are not wrapped. Faults: those of textBytes. */
export async function wrapperOf(path: string): Promise<Wrapper | undefined> {
  for await (const { bytes, offset } of textBytes(path)) {
    const text = bytes.subarray(0, looked).toString('utf8')
    if (text.trim() === '') continue
    const found = opening.exec(text)
    if (found === null || isLines(bytes)) return undefined
    return { name: found[1] ?? '', at: offset + Buffer.byteLength(found[0]) }
  }
  return undefined
}

/** The text of a file from a byte on. */
export async function* textFrom(path: string, at: number): AsyncGenerator<TextChunk> {
  for await (const { bytes, offset } of textBytes(path)) {
    const before = Math.max(0, at - offset)
    if (before < bytes.length) yield { bytes: bytes.subarray(before), offset: offset + before }
  }
}

/** What stands behind the list, white space aside, as far as it is looked at. */
export function behindList(): { add(byte: number): void; text(): string } {
  const held: number[] = []
  return {
    add: byte => {
      if (held.length < looked) held.push(byte)
    },
    text: () => Buffer.from(held).toString('utf8'),
  }
}

/** Why what stands behind the list is left out; empty: no other list; undefined: the object does not go on as one. */
export function leftBehind(text: string, { name }: Wrapper): string | undefined {
  if (!/^(?:\}$|,")/.test(text)) return undefined
  const next = /,("(?:[^"\\]|\\.)*"):[[{]/.exec(text)?.[1]
  return next === undefined
    ? ''
    : `what stands behind the list '${name}' in the file's one object, from ${next.slice(0, 40)} on`
}
