// The way out of an entry to whoever started it, as a worker thread or as a Node process of its own.
import { setFlagsFromString } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { withoutCompilerThreads } from '../contract/compiler-threads'
import type { Port } from '../contract/rpc'

export interface OwnPort {
  readonly port: Port
  /** ends this thread or process, after the last word */
  leave(): void
}

/** A thread talks through parentPort; a child process through its IPC channel. */
export function ownPort(): OwnPort {
  const thread = parentPort
  if (thread !== null) {
    return {
      port: { send: m => thread.postMessage(m), receive: l => thread.on('message', l) },
      leave: () => {
        thread.close()
        // sessions are released by now; something that was forgotten must not keep the thread
        setTimeout(() => process.exit(0), 1000).unref()
      },
    }
  }
  setFlagsFromString(withoutCompilerThreads) // this process may be Electron's
  return {
    port: {
      send: message => {
        if (process.connected) process.send?.(message)
      },
      receive: listener => {
        process.on('message', listener)
        // who started it is gone: checkpoint what runs, then end
        process.once('disconnect', () => listener({ kind: 'close' }))
      },
    },
    leave: () => process.exit(0),
  }
}
