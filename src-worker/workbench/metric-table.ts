// The points of metrics.jsonl as columns: read once, then only what was appended. A file that was cut back, as on resume,
// is noticed and read anew.
import { type FileHandle, open } from 'node:fs/promises'
import type { MetricLine, XAxis } from '../contract/metrics'
import { parseLine } from '../train/metrics-file'
import { runFiles } from '../train/run-folder'

/** Numbers in a row that grows at its end. */
export interface Column {
  values: Float64Array
  length: number
}

/** Values of one tag, and the rows (lines) that they stand in. */
export interface TagColumns {
  readonly rows: Column
  readonly y: Column
}

/** How far a file has been read, and how to know it again. */
export interface Mark {
  readonly inode: number
  /** bytes of whole lines that were read */
  readonly end: number
  /** the last bytes before `end`, at most tailBytes: a line with its time, which no other file has at this place */
  readonly tail: string
}

export interface MetricTable {
  mark: Mark
  readonly x: Readonly<Record<XAxis, Column>>
  readonly tags: Map<string, TagColumns>
}

const tailBytes = 256
/** bytes that are read at once */
const chunkBytes = 1 << 20
const newline = 10

export const column = (values = new Float64Array(256), length = 0): Column => ({ values, length })

export function push(to: Column, value: number): void {
  if (to.length === to.values.length) {
    const larger = new Float64Array(Math.max(256, 2 * to.length))
    larger.set(to.values)
    to.values = larger
  }
  to.values[to.length++] = value
}

export const emptyTable = (inode: number): MetricTable => ({
  mark: { inode, end: 0, tail: '' },
  x: { step: column(), tokens: column(), time: column() },
  tags: new Map(),
})

function addLine(table: MetricTable, line: MetricLine): void {
  const row = table.x.step.length
  push(table.x.step, line.step)
  push(table.x.tokens, line.tokens)
  push(table.x.time, line.seconds)
  for (const tag in line.values) {
    let columns = table.tags.get(tag)
    if (columns === undefined) {
      columns = { rows: column(), y: column() }
      table.tags.set(tag, columns)
    }
    push(columns.rows, row)
    push(columns.y, Number(line.values[tag]))
  }
}

/** Numbers as our own code writes them. What looks otherwise is left to the schema. */
function isUsual(line: MetricLine): boolean {
  const { step, seconds, tokens, values } = line
  if (!Number.isInteger(step) || step < 0 || typeof seconds !== 'number') return false
  if (typeof tokens !== 'number' || typeof values !== 'object' || values === null) return false
  for (const tag in values) if (typeof values[tag] !== 'number') return false
  return true
}

/** A line without the schema's cost, which is most of the time when two million lines are read. */
function quickLine(text: string): MetricLine | undefined {
  try {
    const line = JSON.parse(text) as MetricLine
    return isUsual(line) ? line : parseLine(text)
  } catch {
    return undefined
  }
}

/** Whole lines of a file from a byte on, in chunks. @returns the byte after the last newline */
async function readLines(
  file: FileHandle,
  from: number,
  take: (line: MetricLine) => void,
): Promise<number> {
  let [end, position, rest] = [from, from, Buffer.alloc(0)]
  const chunk = Buffer.allocUnsafe(chunkBytes)
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes, position)
    if (bytesRead === 0) return end
    position += bytesRead
    const fresh = chunk.subarray(0, bytesRead)
    const last = fresh.lastIndexOf(newline)
    if (last < 0) {
      rest = Buffer.concat([rest, fresh])
      continue
    }
    const whole = Buffer.concat([rest, fresh.subarray(0, last)]).toString('utf8')
    rest = Buffer.from(fresh.subarray(last + 1))
    end = position - rest.length
    for (const text of whole.split('\n')) {
      const line = quickLine(text)
      if (line !== undefined) take(line)
    }
  }
}

async function tailAt(file: FileHandle, end: number): Promise<string> {
  const length = Math.min(tailBytes, end)
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, end - length)
  return bytes.toString('latin1', 0, bytesRead)
}

/** Whether the file still begins with what was read of it. */
async function continues(file: FileHandle, mark: Mark, inode: number, size: number) {
  if (mark.inode !== inode || size < mark.end) return false
  return (await tailAt(file, mark.end)) === mark.tail
}

async function opened<T>(
  folder: string,
  work: (file: FileHandle, inode: number, size: number) => Promise<T>,
): Promise<T | undefined> {
  const file = await open(runFiles(folder).metrics, 'r').catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const { ino, size } = await file.stat()
    return await work(file, ino, size)
  } finally {
    await file.close()
  }
}

/**
 * The table brought up to date, in place; or a new one when there is none or the file was cut back.
 * @returns undefined when the run has no metrics
 */
export const upToDate = (
  folder: string,
  known: MetricTable | undefined,
): Promise<MetricTable | undefined> =>
  opened(folder, async (file, inode, size) => {
    const same = known !== undefined && (await continues(file, known.mark, inode, size))
    const table = same ? known : emptyTable(inode)
    if (size > table.mark.end) {
      const end = await readLines(file, table.mark.end, line => addLine(table, line))
      table.mark = { inode, end, tail: await tailAt(file, end) }
    }
    return table
  })

/** Lines after the mark, and the new mark. A file that does not continue the mark is `anew`, from `otherwise(size)` on. */
export const linesAfter = (
  folder: string,
  known: Mark | undefined,
  otherwise: (size: number) => number,
) =>
  opened(folder, async (file, inode, size) => {
    const same = known !== undefined && (await continues(file, known, inode, size))
    const lines: MetricLine[] = []
    const from = same ? known.end : otherwise(size)
    const end = await readLines(file, from, line => lines.push(line))
    return { lines, mark: { inode, end, tail: await tailAt(file, end) } }
  })
