// The first part of a run, which may last: a download, a cache of games. It tells what it does, and a wish to stop ends it.
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

/** Milliseconds between two looks for a wish, and between two states on disk. */
const lookEvery = 100
const tellEvery = 1000

/** What a run needs, opened. Throws Halt when somebody wished a stop meanwhile; faults: those of prepare. */
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
    let [told, at] = [doing, performance.now()]
    while (open) {
      await Promise.race([ended, sleep(lookEvery)])
      if (stopRequest() !== 'go') stop.abort()
      if (!open || doing === told || performance.now() - at < tellEvery) continue
      ;[told, at] = [doing, performance.now()]
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
