// Carries out one run after another, in a thread or a process of its own.
import { cudaEnvironment } from '../contract/cuda-environment'
import { Fault } from '../contract/fault'
import { type Started, startProcess, startThread } from '../ports/start'
import type { RunUpdate } from '../train/job'
import type { PlainHost, RunListener, RunThread } from './run-messages'
import type { RunPlace } from './run-place'
import threadFile from './run-thread?modulePath'

export interface Runner {
  /**
   * Resolves when the run has ended, however it ended; its state is in its folder.
   * Faults: engine (its thread or process died).
   */
  run(folder: string, host: PlainHost, onUpdate: (update: RunUpdate) => void): Promise<void>
  /** stops what runs at the next step, releases the sessions */
  close(): Promise<void>
}

/** @param file run-thread.ts, built */
export function startTraining(
  file: string,
  place: RunPlace,
  here: RunListener,
): Started<RunThread> {
  const kind = place === 'thread' ? 'thread' : 'process'
  const fault = (why: string): Fault =>
    new Fault(
      'engine',
      `the ${kind} that trained the run ended: ${why}`,
      'Resume the run: it goes on from its last checkpoint.',
    )
  if (place === 'thread') return startThread<RunThread>(file, { here, fault })
  const env = cudaEnvironment(place === 'tf32 process' ? 'tf32' : 'float32')
  return startProcess<RunThread>(file, { here, fault, env })
}

export function openRunner(place: RunPlace): Runner {
  let started: Started<RunThread> | undefined
  let onUpdate: (update: RunUpdate) => void = () => undefined
  const here: RunListener = { update: update => onUpdate(update) }

  const startOne = (): Started<RunThread> => {
    const fresh = startTraining(threadFile, place, here)
    void fresh.gone.then(() => {
      if (started === fresh) started = undefined
    })
    return fresh
  }
  return {
    run: async (folder, host, listener) => {
      onUpdate = listener
      started ??= startOne()
      const current = started
      try {
        await current.call.run(folder, host)
      } finally {
        // the memory that a process holds is free when it has ended
        if (current.kind === 'process') await current.end()
      }
    },
    close: async () => {
      await started?.end()
    },
  }
}
