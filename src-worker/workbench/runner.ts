// Carries out one run after another, in a thread or process of its own where its built file is there, else in this
// thread (tests).
import { existsSync } from 'node:fs'
import { writeEvents } from '../analysis/run-events'
import type { StopRequest } from '../train/control'
import { executeRun } from '../train/execute'
import type { RunUpdate } from '../train/job'
import { type CarrierKind, type RunCarrier, startRunCarrier } from './run-carrier'
import type { FromRunThread, PlainHost, ToRunThread } from './run-messages'
import threadFile from './run-thread?modulePath'

export interface Runner {
  /** resolves when the run has ended, however it ended; its state is in its folder */
  run(folder: string, host: PlainHost, told: (update: RunUpdate) => void): Promise<void>
  stopRequest(stopRequest: StopRequest): void
  /** stops what runs at the next step, releases the sessions */
  close(): Promise<void>
}

/** The same work without a thread. */
function openInThread(): Runner {
  let wished: StopRequest = 'go'
  let working: Promise<void> = Promise.resolve()
  const run: Runner['run'] = async (folder, host, told) => {
    wished = 'go'
    for await (const update of executeRun(folder, {
      ...host,
      stopRequest: () => wished,
      writeEvents,
    })) {
      told(update)
      await new Promise(done => setImmediate(done))
    }
  }
  return {
    run: (...args) => {
      working = run(...args)
      return working
    },
    stopRequest: stopRequest => {
      wished = stopRequest
    },
    close: async () => {
      wished = 'stop'
      await working.catch(() => undefined)
    },
  }
}

/** One run from its first message to its last; `ending` is awaited before it counts as ended. */
function runIn(
  { events, send }: RunCarrier,
  [folder, host, told]: Parameters<Runner['run']>,
  ending: () => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      events.off('message', listen)
      events.off('exit', died)
      events.off('error', done)
      if (error === undefined) resolve(ending())
      else reject(error)
    }
    const died = (code: number | null, signal?: string): void =>
      done(new Error(`the training ended with ${code ?? signal}`))
    const listen = (message: FromRunThread): void => {
      if (message.folder !== folder) return
      if (message.kind === 'update') told(message.update)
      else done()
    }
    events.on('message', listen)
    events.once('exit', died)
    events.once('error', done)
    send({ kind: 'run', folder, host })
  })
}

export function openCarried(file: string, kind: CarrierKind): Runner {
  let carrier: RunCarrier | undefined
  const send = (message: ToRunThread): void => carrier?.send(message)
  const start = (): RunCarrier => {
    const fresh = startRunCarrier(file, kind)
    fresh.events.once('exit', () => {
      if (carrier === fresh) carrier = undefined
    })
    // told to whoever waits for the run; without a listener it would end the whole process
    fresh.events.on('error', () => undefined)
    return fresh
  }
  const close = async (): Promise<void> => {
    const closing = carrier
    if (closing === undefined) return
    const ended = new Promise(done => closing.events.once('exit', done))
    send({ kind: 'close' })
    await ended
  }
  return {
    run: (...args) => {
      carrier ??= start()
      // the memory that a process holds on a device is free when it has ended
      return runIn(carrier, args, carrier.forOneRun ? close : async () => undefined)
    },
    stopRequest: stopRequest => send({ kind: 'stop', stopRequest }),
    close,
  }
}

export function openRunner(kind: CarrierKind): Runner {
  const file: unknown = threadFile
  return typeof file === 'string' && existsSync(file) ? openCarried(file, kind) : openInThread()
}
