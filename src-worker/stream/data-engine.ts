// Where batches are made: in data threads, or, when none can be started, in the engine's own thread.
import { availableParallelism } from 'node:os'
import { asFault, Fault } from '../contract/fault'
import { startThread } from '../ports/start'
import dataThreadFile from './data-thread?modulePath'
import type { BatchStream, ExperimentContext } from './source'
import { noCounts, type StreamCounts } from './stream'
import { type Data, type StreamRequest, streamOf } from './stream-request'
import type { DataThread } from './thread-messages'
import { batchesAhead, openThreadStream } from './thread-stream'

export interface CountedStream extends BatchStream {
  counts(): StreamCounts
}

export interface DataEngine {
  /** 0: this thread */
  readonly threads: number
  /** why no thread was started, or empty */
  readonly threadFault: string
  open(request: StreamRequest): CountedStream
  close(): Promise<void>
}

/** Everything in this thread, one batch after the other. */
export function localEngine(data: Data, threadFault: string): DataEngine {
  return {
    threads: 0,
    threadFault,
    open: request => {
      const counts = noCounts()
      const stream = streamOf(data, request, counts)
      return {
        next: async () => {
          const { value } = await stream.next()
          return value
        },
        close: async () => {
          await stream.return(undefined)
        },
        counts: () => counts,
      }
    },
    close: async () => {},
  }
}

const endedThread = (why: string): Fault =>
  new Fault('engine', `the data thread ended: ${why}`, 'Resume the run from its checkpoint.')

const testAhead = 4

/** Training batches that may wait. */
function trainAhead({ spec }: Data, request: StreamRequest): number {
  const { steps, accumulation, lanes, length } = spec.training
  const left = steps * accumulation - (request.cursor?.batches ?? 0)
  return batchesAhead((lanes / accumulation) * length, left)
}

/** Threads by default: one does for tokenising, whose native code has threads of its own. */
const defaultThreads = (heavy: boolean): number =>
  heavy ? Math.max(1, Math.min(5, Math.floor(availableParallelism() / 3))) : 1

async function threadedEngine(
  data: Data,
  context: ExperimentContext,
  threads: number,
): Promise<DataEngine> {
  const { spec, split } = data
  const file = context.threadFile ?? dataThreadFile
  const thread = startThread<DataThread>(file, { fault: endedThread })
  const model = context.model
  await thread.call.start({ spec, model, split, tokenizerWorkers: threads - 1, file })
  thread.unref()
  return {
    threads,
    threadFault: '',
    open: request => {
      // a test is not raced against; its batches are kept by who asks for them
      const ahead = request.purpose === 'train' ? trainAhead(data, request) : testAhead
      const stream = openThreadStream(thread, request, ahead)
      return { ...stream, counts: () => stream.counts() ?? noCounts() }
    },
    close: async () => {
      await thread.end()
    },
  }
}

/** Threads as the context asks; this thread when one cannot be started, with the reason reported. */
export async function openDataEngine(data: Data, context: ExperimentContext): Promise<DataEngine> {
  const threads = context.threads ?? defaultThreads(data.pipeline.heavy)
  if (threads === 0) return localEngine(data, '')
  try {
    return await threadedEngine(data, context, threads)
  } catch (error) {
    return localEngine(data, asFault(error).message)
  }
}
