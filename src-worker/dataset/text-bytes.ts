// The bytes of a text file, checked: UTF-8 without exception, a byte order mark taken off, other forms named.
import { isAscii, isUtf8 } from 'node:buffer'
import { Fault } from '../contract/fault'
import { fileBytes } from './bytes'
import { likelyEncoding, otherForm } from './encodings'
import { isHead } from './head'

export interface TextChunk {
  /** whole characters */
  readonly bytes: Buffer
  /** byte of the decompressed text at which it begins */
  readonly offset: number
}

const markBytes = 3
const hasMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

/** Where a character begins that this chunk does not end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** The first byte that begins no character. */
function firstBad(bytes: Buffer): number {
  const text = bytes.toString('utf8')
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) {
    const byte = Buffer.byteLength(text.slice(0, at))
    // a replacement character that stands in the text is no mistake
    if (bytes.readUIntBE(byte, Math.min(3, bytes.length - byte)) !== 0xefbfbd) return byte
  }
  return bytes.length
}

const linesIn = (bytes: Buffer): number => {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}

interface Before {
  readonly offset: number
  readonly lines: number
  /** letters beyond ASCII go before, as UTF-8 */
  readonly isBeyond: boolean
  /** the file from its first byte on, if nothing goes before */
  readonly whole?: Buffer
}

async function badByte(path: string, bytes: Buffer, before: Before): Promise<Fault> {
  const at = firstBad(bytes)
  const line = before.lines + linesIn(bytes.subarray(0, at)) + 1
  const value = `0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
  const place = `${path}: the byte ${value} at byte ${before.offset + at}, line ${line}, is no UTF-8`
  if (before.isBeyond || !isAscii(bytes.subarray(0, at)))
    return new Fault(
      'bad-file',
      `${place}, but what goes before it is: the line is damaged, or files of two encodings were put together`,
      `Correct line ${line}, or write what follows it as UTF-8.`,
    )
  const begin = at > 0 && (bytes[at - 1] ?? 0) < 0x80 ? at - 1 : at
  const { name, others } = await likelyEncoding(bytes.subarray(begin), before.whole)
  const known = name === 'ISO-8859-1' ? 'Latin-1 (ISO-8859-1)' : name
  const message = `${place}; the file is likely ${known}`
  const fix = `Write it as UTF-8: iconv -f ${name} -t UTF-8.`
  if (others.length === 0) return new Fault('bad-file', message, fix)
  const list = others.join(', ')
  const also = `; its letters are few, so that it may be ${list} as well`
  return new Fault('bad-file', message + also, fix)
}

/**
 * A text file in chunks of whole characters. The head of a larger file may end within one.
 * Faults: bad-file (a byte that is no UTF-8, with its line and the likely encoding; UTF-16; no text), and those of fileBytes.
 */
export async function* textBytes(path: string): AsyncGenerator<TextChunk> {
  let rest = Buffer.alloc(0)
  let [offset, lines, first, isBeyond] = [0, 0, true, false]
  for await (const chunk of fileBytes(path)) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (first && bytes.length < markBytes) {
      rest = Buffer.from(bytes)
      continue
    }
    const other = first ? otherForm(path, bytes) : undefined
    if (other !== undefined) throw other
    if (first && hasMark(bytes)) [bytes, offset] = [bytes.subarray(markBytes), markBytes]
    first = false
    const end = wholeCharacters(bytes)
    const whole = bytes.subarray(0, end)
    if (!isUtf8(whole))
      throw await badByte(path, whole, {
        ...{ offset, lines, isBeyond },
        ...(offset === 0 && { whole: bytes }),
      })
    isBeyond ||= !isAscii(whole)
    if (end > 0) yield { bytes: whole, offset }
    offset += end
    lines += linesIn(whole)
    rest = Buffer.from(bytes.subarray(end))
  }
  if (rest.length === 0 || isHead(path)) return
  if (!isUtf8(rest))
    throw await badByte(path, rest, {
      offset,
      lines,
      isBeyond,
      ...(offset === 0 && { whole: rest }),
    })
  yield { bytes: rest, offset }
}
