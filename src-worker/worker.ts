// The engine's entry, as a worker thread or as a Node process of its own. What it does is in workbench.ts.
import { parentPort } from 'node:worker_threads'
import { type Port, serve } from './contract/rpc'
import { createWorkbench } from './workbench'

/** A thread talks through parentPort; a child process through its IPC channel. */
function ownPort(): { readonly port: Port; leave(): void } {
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
  return {
    port: {
      send: message => {
        if (process.connected) process.send?.(message)
      },
      receive: listener => {
        process.on('message', listener)
        // the app is gone: checkpoint what runs, then end
        process.once('disconnect', () => listener({ kind: 'close' }))
      },
    },
    leave: () => process.exit(0),
  }
}

const { port, leave } = ownPort()
serve(port, createWorkbench, leave)
