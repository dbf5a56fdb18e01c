// What a run trains in: a thread of this process, or a process of its own with an environment of its own.
import { fork } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import { cudaEnvironment } from '../contract/cuda-environment'
import type { Precision } from '../contract/run-spec'
import type { ToRunThread } from './run-messages'

export type CarrierKind = 'thread' | 'tf32 process'

/**
 * The engine's own process computes float32 products as float32. A run on a GPU that asks for TF32 gets a process that
 * is told so before it loads CUDA.
 */
export const carrierOf = (place: string, precision: Precision): CarrierKind =>
  place !== 'cpu' && precision === 'tf32' ? 'tf32 process' : 'thread'

export interface RunCarrier {
  /** tells `message`, `error` and `exit` */
  readonly events: EventEmitter
  /** ends with its run */
  readonly forOneRun: boolean
  send(message: ToRunThread): void
}

/** @param script run-thread, built */
export function startRunCarrier(script: string, kind: CarrierKind): RunCarrier {
  if (kind === 'thread') {
    const worker = new Worker(script)
    return { events: worker, forOneRun: false, send: message => worker.postMessage(message) }
  }
  const child = fork(script, [], {
    execArgv: ['--enable-source-maps'],
    env: {
      ...process.env,
      ...cudaEnvironment('tf32'),
      ...(process.versions.electron !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    events: child,
    // a process of its own holds memory of the GPU as long as it lives
    forOneRun: true,
    send: message => {
      // the callback takes the error of a pipe that has just closed; `exit` tells the rest
      if (child.connected) child.send(message, () => undefined)
    },
  }
}
