// Several threads that turn records into examples for one conductor. Results are matched by number, so the order in
// which threads finish changes nothing.
import { Worker } from 'node:worker_threads'
import { asFault, Fault, fromData } from '../contract/fault'
import type { Prepared } from './example'
import type { FromPreparer, ThreadSetup, ToPreparer } from './thread-messages'

export interface Preparers {
  prepare(raws: readonly unknown[]): Promise<readonly Prepared[]>
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (prepared: readonly Prepared[]) => void
  readonly reject: (fault: Fault) => void
}

interface Preparer {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
}

function startPreparer(setup: ThreadSetup): Preparer {
  const workerData: ThreadSetup = { ...setup, role: 'preparer', preparers: 0 }
  const worker = new Worker(setup.file, { workerData })
  const waiting = new Map<number, Waiting>()
  const rejectAll = (fault: Fault): void => {
    for (const { reject } of waiting.values()) reject(fault)
    waiting.clear()
  }
  worker.on('message', (message: FromPreparer) => {
    if (message.kind === 'ready') return
    if (message.kind === 'fault') return rejectAll(fromData(message.fault))
    const entry = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.kind === 'prepared') entry?.resolve(message.prepared)
    else entry?.reject(fromData(message.fault))
  })
  worker.on('error', error => rejectAll(asFault(error)))
  worker.on('exit', code =>
    rejectAll(new Fault('engine', `a data thread ended with code ${code}`, 'Start the run again.')),
  )
  return { worker, waiting }
}

/** Starts `setup.preparers` threads. Each group of records goes to the thread with the fewest waiting. */
export function startPreparers(setup: ThreadSetup): Preparers {
  const all = Array.from({ length: setup.preparers }, () => startPreparer(setup))
  let sent = 0
  return {
    prepare: raws =>
      new Promise((resolve, reject) => {
        const free = all.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a))
        const message: ToPreparer = { kind: 'prepare', id: sent++, raws }
        free.waiting.set(message.id, { resolve, reject })
        free.worker.postMessage(message)
      }),
    close: async () => {
      await Promise.all(
        all.map(({ worker }) => {
          const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()))
          worker.postMessage({ kind: 'end' } satisfies ToPreparer)
          return ended
        }),
      )
    },
  }
}
