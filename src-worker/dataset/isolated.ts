// Records of a file that is read in a process of its own: whatever the file does to its reader is a Fault here.
import { type InspectLog, inspectLogSchema } from '../contract/evaluation'
import { asFault, Fault } from '../contract/fault'
import { type Started, startProcess } from '../ports/start'
import type { FieldsRecord } from './fields'
import type { ReaderProcess } from './reader-process'
import processFile from './reader-process?modulePath'

/** bytes; V8's part of it */
const mostMemory = 2e9
const mostHeap = 800
/** ms for one answer */
const longestAnswer = 60_000

/** @param fault of its death, by the reason and what it printed last */
export function startReader(
  fault: (why: string, printed: string) => Fault,
): Started<ReaderProcess> {
  let printed = ''
  return startProcess<ReaderProcess>(processFile, {
    fault: why => fault(why, printed.trim()),
    onStderr: text => {
      printed = (printed + text).slice(0, 2000)
    },
    mostMemory,
    flags: [`--max-old-space-size=${mostHeap}`],
  })
}

/** Kills the reader when an answer takes too long. */
export async function inTime<A>({ kill }: Started<ReaderProcess>, answer: Promise<A>): Promise<A> {
  const timer = setTimeout(kill, longestAnswer)
  try {
    return await answer
  } finally {
    clearTimeout(timer)
  }
}

const fix = 'Get the file again.'

/** What a damaged file made of its reader, in words that name the file. */
function ofFile(error: unknown, path: string): Fault {
  const fault = asFault(error)
  if (fault.code !== 'engine') return fault
  const what = `${path} is damaged, it cannot be read: ${fault.message}`
  return new Fault('bad-file', what, fix, { cause: error })
}

const readerOfFile = (): Started<ReaderProcess> =>
  startReader((why, cause) => new Fault('engine', `its reader ended: ${why}`, fix, { cause }))

/** A log of Inspect. Faults: those of readInspectLog; bad-file when its reader died of it. */
export async function isolatedInspectLog(path: string): Promise<InspectLog> {
  const reader = readerOfFile()
  try {
    return inspectLogSchema.parse(await inTime(reader, reader.call.readInspect(path)))
  } catch (error) {
    throw ofFile(error, path)
  } finally {
    reader.kill()
  }
}

/** Rows of a parquet file. Faults: those of parquetRecords; bad-file when its reader died of it. */
export async function* isolatedParquet(path: string): AsyncGenerator<FieldsRecord> {
  const reader = readerOfFile()
  const next = (): Promise<string | null> => {
    const answer = inTime(reader, reader.call.next())
    answer.catch(() => undefined) // asked for ahead: reported when it is its turn
    return answer
  }
  try {
    await reader.call.openParquet(path)
    for (let ahead = next(); ; ) {
      const text = await ahead
      if (text === null) return
      ahead = next()
      yield* JSON.parse(text) as FieldsRecord[]
    }
  } catch (error) {
    throw ofFile(error, path)
  } finally {
    reader.kill()
  }
}
