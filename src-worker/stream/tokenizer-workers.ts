// Several threads that turn records into examples for one data loader. Each group is answered by itself, so the order in
// which threads finish changes nothing.

import { Fault } from '../contract/fault'
import { startThread } from '../ports/start'
import type { PreparedRecord } from './example'
import type { DataThread, ThreadSetup } from './thread-messages'

export interface TokenizerWorkers {
  prepare(raws: readonly unknown[]): Promise<readonly PreparedRecord[]>
  close(): Promise<void>
}

const endedThread = (why: string): Fault =>
  new Fault('engine', `a data thread ended: ${why}`, 'Start the run again.')

function startWorker(setup: ThreadSetup) {
  const thread = startThread<DataThread>(setup.file, { fault: endedThread })
  const ready = thread.call.start({ ...setup, tokenizerWorkers: 0 })
  ready.catch(() => undefined) // every group gets it
  let waiting = 0
  return {
    end: thread.end,
    waiting: () => waiting,
    prepare: async (raws: readonly unknown[]): Promise<readonly PreparedRecord[]> => {
      waiting += 1
      try {
        await ready
        return await thread.call.prepare(raws)
      } finally {
        waiting -= 1
      }
    },
  }
}

/** Starts `setup.tokenizerWorkers` threads. Each group of records goes to the thread with the fewest waiting. */
export function startTokenizerWorkers(setup: ThreadSetup): TokenizerWorkers {
  const all = Array.from({ length: setup.tokenizerWorkers }, () => startWorker(setup))
  return {
    prepare: raws => all.reduce((a, b) => (b.waiting() < a.waiting() ? b : a)).prepare(raws),
    close: async () => {
      await Promise.all(all.map(thread => thread.end()))
    },
  }
}
