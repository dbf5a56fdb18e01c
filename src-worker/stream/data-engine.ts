// Where batches are made: in data threads, or, when none can be started, in the engine's own thread.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { BatchStream, ExperimentContext } from '../behaviours/behaviour'
import { asFault, Fault, fromData } from '../contract/fault'
import dataThreadFile from './data-thread?modulePath'
import { noCounts, type StreamCounts } from './stream'
import { type Data, type StreamRequest, streamOf } from './stream-request'
import type { FromConductor, ThreadSetup, ToConductor } from './thread-messages'
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

/** Resolves when the thread has opened tokenizer and recipe; rejects when it cannot, or ends later by itself. */
function watched(worker: Worker): {
  readonly ready: Promise<void>
  readonly ended: Promise<never>
} {
  let ended: (fault: Fault) => void = () => {}
  const end = new Promise<never>((_, reject) => {
    ended = reject
  })
  end.catch(() => {})
  const ready = new Promise<void>((resolve, reject) => {
    const stop = (fault: Fault): void => {
      reject(fault)
      ended(fault)
    }
    worker.on('message', (message: FromConductor) => {
      if (message.kind === 'ready') resolve()
      else stop(fromData(message.fault))
    })
    worker.on('error', error => stop(asFault(error)))
    worker.on('exit', code => {
      const what = `the data thread ended with code ${code}`
      stop(new Fault('engine', what, 'Resume the run from its checkpoint.'))
    })
  })
  return { ready, ended: end }
}

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
  const preparers = threads - 1
  const setup: ThreadSetup = {
    role: 'conductor',
    spec,
    model: context.model,
    split,
    preparers,
    file,
  }
  const worker = new Worker(file, { workerData: setup })
  const { ready, ended } = watched(worker)
  await ready
  worker.unref()
  return {
    threads,
    threadFault: '',
    open: request => {
      // a test is not raced against; its batches are kept by who asks for them
      const ahead = request.purpose === 'test' ? testAhead : trainAhead(data, request)
      const stream = openThreadStream(worker, request, ahead, ended)
      return { ...stream, counts: () => stream.counts() ?? noCounts() }
    },
    close: async () => {
      const gone = new Promise<void>(resolve => worker.once('exit', () => resolve()))
      worker.ref()
      worker.postMessage({ kind: 'end' } satisfies ToConductor)
      await gone
    },
  }
}

/** Threads as the context asks; this thread when one cannot be started, with the reason told. */
export async function openDataEngine(data: Data, context: ExperimentContext): Promise<DataEngine> {
  const threads = context.threads ?? defaultThreads(data.recipe.heavy)
  if (threads === 0) return localEngine(data, '')
  try {
    return await threadedEngine(data, context, threads)
  } catch (error) {
    return localEngine(data, asFault(error).message)
  }
}
