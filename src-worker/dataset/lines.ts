// Bytes → lines with their offsets. Lines end with LF or CRLF, or all with CR alone; the last one may lack it.
import { Fault } from '../contract/fault'
import { isHead } from './head'
import { textBytes } from './text-bytes'

export interface Line {
  /** without its end; a view, valid until the next line is asked for */
  readonly bytes: Buffer
  /** byte of the decompressed text at which it begins */
  readonly offset: number
  /** false: the file ends in it, without a line end */
  readonly ends: boolean
}

/** A longer line is no line: some other kind of file. */
const longestLine = 64 << 20

const [lf, cr] = [10, 13]

const trimmed = (line: Buffer): Buffer =>
  line.length > 0 && line[line.length - 1] === cr ? line.subarray(0, -1) : line

/** Whether the lines of a file end with CR alone, by its first chunk: as old as Mac OS 9, but spreadsheets write it still. */
export function endsWithCr(chunk: Buffer): boolean {
  const at = chunk.indexOf(cr)
  return !chunk.includes(lf) && at >= 0 && at < chunk.length - 1
}

/** Where the line that just ended at `end` of this chunk lies, with what earlier chunks held of it. */
function wholeLine(carried: Buffer[], part: Buffer): Buffer {
  if (carried.length === 0) return part
  const whole = Buffer.concat([...carried, part])
  carried.length = 0
  return whole
}

/**
 * Lines of a file, compressed or not. The head of a larger file loses its last line, which may be half of one.
 * Faults: bad-file (a line above 64 MiB), and those of textBytes.
 */
export async function* fileLines(path: string): AsyncGenerator<Line> {
  const carried: Buffer[] = []
  let carriedBytes = 0
  let offset: number | undefined
  let mark: number | undefined
  for await (const { bytes: chunk, offset: begins } of textBytes(path)) {
    offset ??= begins
    mark ??= endsWithCr(chunk) ? cr : lf
    let start = 0
    for (let end = chunk.indexOf(mark); end >= 0; end = chunk.indexOf(mark, start)) {
      const line = wholeLine(carried, chunk.subarray(start, end))
      carriedBytes = 0
      yield { bytes: trimmed(line), offset, ends: true }
      offset += line.length + 1
      start = end + 1
    }
    if (start === chunk.length) continue
    carried.push(chunk.subarray(start))
    carriedBytes += chunk.length - start
    if (carriedBytes > longestLine)
      throw new Fault(
        'bad-file',
        `${path}: the line at byte ${offset} is longer than ${longestLine >> 20} MiB`,
        'Give a text file with one record a line.',
      )
  }
  if (carriedBytes === 0 || isHead(path)) return
  const last = trimmed(wholeLine(carried, Buffer.alloc(0)))
  yield { bytes: last, offset: offset ?? 0, ends: false }
}
