// .txt has no records, so it is cut into documents: at lines `<|endoftext|>`, and at the first blank line after
// enough text. Without blank lines it is cut at a line's end, so that a whole book never is one document.
import { badRecordLimit } from './bad-record-limit'
import type { FieldsRecord } from './fields'
import { fileLines } from './lines'
import type { SkipCounts } from './skip-counts'

/** characters */
const enough = 2000
const most = 20_000
const separator = '<|endoftext|>'

const fix = 'Give a text file in UTF-8.'

/** Documents of a text file. Faults: bad-data (not UTF-8), bad-file (see fileBytes and fileLines). */
export async function* textRecords(
  path: string,
  skipped: SkipCounts,
): AsyncGenerator<FieldsRecord> {
  const count = badRecordLimit(path, 'byte', skipped, fix)
  let held: string[] = []
  let characters = 0
  let begin = 0
  let index = 0
  const take = (next: number): FieldsRecord | undefined => {
    const text = held.join('\n').trim()
    const where = { file: path, index, offset: begin }
    held = []
    characters = 0
    begin = next
    if (text === '') return undefined
    index += 1
    return { fields: { text }, where }
  }
  for await (const { bytes, offset } of fileLines(path)) {
    // a NUL never stands in a text
    if (bytes.includes(0)) {
      count.bad('a NUL byte: no text', offset)
      continue
    }
    count.good()
    const line = bytes.toString('utf8')
    const marked = line.trim() === separator
    if (!marked) {
      held.push(line)
      characters += line.length + 1
    }
    const ends = marked || characters > most || (line.trim() === '' && characters >= enough)
    const document = ends ? take(offset + bytes.length + 1) : undefined
    if (document) yield document
  }
  const last = take(0)
  if (last) yield last
  count.end()
}
