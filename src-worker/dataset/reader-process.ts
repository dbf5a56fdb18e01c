// The process that opens what comes from outside, and may die of it: damaged parquet files end V8, and inconsistent
// tokenizer files end the native library (isolated.ts, tried-tokenizer.ts are its two callers).

import type { InspectLog } from '../contract/evaluation'
import { answerParent } from '../ports/own'
import { sendUnhandledTo } from '../ports/unhandled'
import type { FieldsRecord } from './fields'
import { readInspectLog } from './inspect-log'
import { parquetRecords } from './parquet'
import { openTokenizer } from './tokenizer'

export interface ReaderProcess {
  /** faults: those of parquetRecords */
  openParquet(path: string): void
  /** some records as JSON text, or null at the end */
  next(): Promise<string | null>
  /** loads, encodes and decodes; faults: those of openTokenizer */
  tryTokenizer(folder: string): Promise<void>
  /** faults: those of readInspectLog */
  readInspect(path: string): Promise<InspectLog>
}

/** Characters and records of one answer, about. */
const enoughText = 1 << 20
const enoughRecords = 1000

let records: AsyncGenerator<FieldsRecord> | undefined

/** A library may leave a promise unawaited that fails: then the file is damaged. */
const damaged = new Promise<never>((_, reject) => {
  process.prependListener('unhandledRejection', reject)
})
damaged.catch(() => undefined)

async function batch(): Promise<string | null> {
  const lines: string[] = []
  let size = 0
  while (size < enoughText && lines.length < enoughRecords) {
    const { value, done = true } = (await records?.next()) ?? {}
    if (done) break
    const line = JSON.stringify(value)
    lines.push(line)
    size += line.length
  }
  return lines.length === 0 ? null : `[${lines.join(',')}]`
}

/** Letters, marks, digits and white space of several scripts; no sentence, so that no merge is left out. */
const sample =
  ' The quick\tbrown fox—jumps\r\n over 1234567890 lazy dogs… naïve café Ünïcödé 漢字かな 한글 العربية हिन्दी 🙂👩‍🚀 \u0000\ufffd '

async function tryTokenizer(folder: string): Promise<void> {
  const tokenizer = await openTokenizer(folder)
  for (const text of [sample, '', ...Object.values(tokenizer.specialTokens)]) {
    for (const special of [true, false]) {
      const ids = await tokenizer.encode(text, { special })
      await tokenizer.decode(ids)
      await tokenizer.decode(ids, { skipSpecial: true })
    }
  }
  await tokenizer.encodeBatch([sample, 'a', sample.repeat(50)])
}

const functions: ReaderProcess = {
  openParquet: path => {
    records = parquetRecords(path)
  },
  next: () => Promise.race([batch(), damaged]),
  tryTokenizer,
  readInspect: path => Promise.race([readInspectLog(path), damaged]),
}

answerParent(functions)
// they are the file's doing, and `damaged` says so
sendUnhandledTo(() => undefined)
