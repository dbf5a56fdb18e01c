// An engine for tests of the host: answers engineInfo, dies when told to, refuses a home named "refuse", does not end
// after its last word in a home named "stay".
import { parentPort } from 'node:worker_threads'
import type { WorkbenchApi } from '../../src-worker/contract/api'
import { Fault } from '../../src-worker/contract/fault'
import { type Port, serve } from '../../src-worker/contract/rpc'

const thread = parentPort
const port: Port = thread
  ? { send: m => thread.postMessage(m), receive: l => thread.on('message', l) }
  : { send: m => process.send?.(m), receive: l => process.on('message', l) }

let leaves = true
serve(
  port,
  async (setup, { emit, moveToProcess }) => {
    leaves = setup.home !== 'stay'
    if (setup.home === 'refuse') throw new Fault('disk', 'the home is read-only', 'Choose another.')
    const api = {
      engineInfo: async () => ({ pid: process.pid, host: setup.host }),
      runs: () => new Promise(() => undefined),
      devices: async () => {
        setTimeout(() => process.exit(7))
        return []
      },
      models: async () => {
        moveToProcess()
        return []
      },
      downloads: async () => {
        for (let i = 0; i < 1000; i++) emit('log', [{ run: '', line: String(i) }])
        return []
      },
    } as unknown as WorkbenchApi
    return { api, close: async () => emit('log', [{ run: '', line: 'closed' }]) }
  },
  () => leaves && (thread ? thread.close() : process.disconnect()),
)
