// The first part of a run, which may last: a download, a cache of games. It reports what it does, and a stop request ends it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunState } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import type { StopRequest } from './control'
import { type RunHost, type RunUpdate, throwIfStopRequested } from './job'
import { prepare, type RunInputs } from './prepare'

export type Enter = (state: RunState) => Promise<RunUpdate>

export interface Watched {
  stopRequest(): StopRequest
  readonly enter: Enter
  /** keeps each thing that was done, in the run's log */
  log(line: string): void
}

/** What is done, whatever the count that goes with it. */
const taskOf = (doing: string): string => doing.replace(/[\d.,]+/g, '')

/** Milliseconds between two looks for a stop request, and between two states on disk. */
const lookEvery = 100
const reportEvery = 1000

/** What a run needs, opened. Throws StopRequested when a stop was requested meanwhile; faults: those of prepare. */
export async function* preparing(
  spec: RunSpec,
  host: RunHost,
  { stopRequest, enter, log }: Watched,
): AsyncGenerator<RunUpdate, RunInputs> {
  const stop = new AbortController()
  let doing = ''
  const onProgress = (now: string): void => {
    if (taskOf(now) !== taskOf(doing)) log(now)
    doing = now
  }
  const work = prepare(spec, { ...host, onProgress, signal: stop.signal })
  let open = true
  const ended = work.then(
    () => (open = false),
    () => (open = false),
  )
  try {
    let [reported, at] = [doing, performance.now()]
    while (open) {
      await Promise.race([ended, sleep(lookEvery)])
      if (stopRequest() !== 'go') stop.abort()
      if (!open || doing === reported || performance.now() - at < reportEvery) continue
      ;[reported, at] = [doing, performance.now()]
      yield await enter({ kind: 'preparing', doing })
    }
    return await work
  } catch (error) {
    // what a stop broke off is no fault
    if (stop.signal.aborted) throwIfStopRequested(stopRequest())
    throw error
  } finally {
    // the caller went away over a yield
    if (open) {
      stop.abort()
      await work.then(
        ({ data }) => data.close(),
        () => undefined,
      )
    }
  }
}
