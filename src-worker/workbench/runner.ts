// Carries out one run after another, in a thread of its own where its built file is there, else in this thread (tests).
import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { writeEvents } from '../analysis/run-events'
import type { Wish } from '../train/control'
import { executeRun } from '../train/execute'
import type { RunUpdate } from '../train/job'
import type { FromRunThread, PlainHost, ToRunThread } from './run-messages'
import threadFile from './run-thread?modulePath'

export interface Runner {
  /** resolves when the run has ended, however it ended; its state is in its folder */
  run(folder: string, host: PlainHost, told: (update: RunUpdate) => void): Promise<void>
  wish(wish: Wish): void
  /** stops what runs at the next step, releases the sessions */
  close(): Promise<void>
}

/** The same work without a thread. */
function openInThread(): Runner {
  let wished: Wish = 'go'
  let working: Promise<void> = Promise.resolve()
  const run: Runner['run'] = async (folder, host, told) => {
    wished = 'go'
    for await (const update of executeRun(folder, { ...host, wish: () => wished, writeEvents })) {
      told(update)
      await new Promise(done => setImmediate(done))
    }
  }
  return {
    run: (...args) => {
      working = run(...args)
      return working
    },
    wish: wish => {
      wished = wish
    },
    close: async () => {
      wished = 'stop'
      await working.catch(() => undefined)
    },
  }
}

function openThread(file: string): Runner {
  let worker: Worker | undefined
  const send = (message: ToRunThread): void => worker?.postMessage(message)
  const start = (): Worker => {
    const fresh = new Worker(file)
    fresh.once('exit', () => {
      if (worker === fresh) worker = undefined
    })
    // told to whoever waits for the run; without a listener it would end the whole process
    fresh.on('error', () => undefined)
    return fresh
  }
  return {
    run: (folder, host, told) => {
      worker ??= start()
      const thread = worker
      return new Promise((resolve, reject) => {
        const end = (error?: Error): void => {
          thread.off('message', listen)
          thread.off('exit', died)
          thread.off('error', end)
          if (error === undefined) resolve()
          else reject(error)
        }
        const died = (code: number): void =>
          end(new Error(`the training thread ended with ${code}`))
        const listen = (message: FromRunThread): void => {
          if (message.folder !== folder) return
          if (message.kind === 'update') told(message.update)
          else end()
        }
        thread.on('message', listen)
        thread.once('exit', died)
        thread.once('error', end)
        send({ kind: 'run', folder, host })
      })
    },
    wish: wish => send({ kind: 'wish', wish }),
    close: async () => {
      const thread = worker
      if (thread === undefined) return
      const ended = new Promise(done => thread.once('exit', done))
      send({ kind: 'end' })
      await ended
    },
  }
}

export function openRunner(): Runner {
  const file: unknown = threadFile
  return typeof file === 'string' && existsSync(file) ? openThread(file) : openInThread()
}
