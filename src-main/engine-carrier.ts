// The two things an engine can live in, behind one face: a worker thread of this process, or a Node process of its own.
import { fork } from 'node:child_process'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { withoutCompilerThreads } from '../src-worker/contract/compiler-threads'
import { cudaEnvironment, enterCudaEnvironment } from '../src-worker/contract/cuda-environment'
import type { HostKind, Port } from '../src-worker/contract/rpc'
import { findNode } from './node-binary'

export interface Carrier {
  readonly kind: HostKind
  readonly port: Port
  /** once, when it is gone, whatever the reason; `why` is for people */
  onGone(listener: (why: string) => void): void
  /** end it now: only for a process, as a thread that holds sessions must never be terminated */
  kill(): void
}

export type StartCarrier = (kind: HostKind) => Carrier

function inThread(script: string): Carrier {
  // CUDA sees the environment of the process, which only this thread can change
  enterCudaEnvironment('float32', process.env)
  setFlagsFromString(withoutCompilerThreads)
  const worker = new Worker(script, { name: 'engine' })
  let why = 'it returned'
  worker.on('error', error => {
    console.error(error) // with its stack, for the log; people get the message
    why = error instanceof Error ? error.message : String(error)
  })
  return {
    kind: 'thread',
    port: {
      send: message => worker.postMessage(message),
      receive: listener => worker.on('message', listener),
    },
    onGone: listener => worker.once('exit', code => listener(`${why} (exit code ${code})`)),
    kill: () => undefined,
  }
}

function inProcess(script: string): Carrier {
  const node = findNode()
  const child = fork(script, [], {
    execPath: node.path,
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, ...node.env, ...cudaEnvironment('float32') },
    serialization: 'json', // the two may be different versions of V8, whose clone formats need not agree
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let gone: ((why: string) => void) | undefined
  const tell = (why: string): void => {
    gone?.(why)
    gone = undefined
  }
  child.once('error', error => tell(`${node.path}: ${error.message}`))
  child.once('exit', (code, signal) =>
    tell(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
  )
  return {
    kind: 'process',
    port: {
      send: message => {
        // the callback takes the error of a pipe that has just closed; `exit` tells the rest
        if (child.connected) child.send(message as object, () => undefined)
      },
      receive: listener => child.on('message', listener),
    },
    onGone: listener => {
      gone = listener
    },
    kill: () => child.kill('SIGKILL'),
  }
}

export const startCarrier =
  (script: string): StartCarrier =>
  kind =>
    kind === 'thread' ? inThread(script) : inProcess(script)
