// An engine for tests of the host: answers engineInfo, dies when asked to, refuses a home named "refuse", does not end
// after its last word in a home named "stay".
import type { WorkbenchApi } from '../../src-worker/contract/api'
import { engineTable, type HostTable } from '../../src-worker/contract/engine'
import { Fault } from '../../src-worker/contract/fault'
import { answerParent } from '../../src-worker/ports/own'

let leaves = true
const engine = engineTable(
  async (setup, { emit }) => {
    leaves = setup.home !== 'stay'
    if (setup.home === 'refuse') throw new Fault('disk', 'the home is read-only', 'Choose another.')
    const api = {
      engineInfo: async () => ({ pid: process.pid, host: setup.host }),
      runs: () => new Promise(() => undefined),
      devices: async () => {
        setTimeout(() => process.exit(7))
        return []
      },
      downloads: async () => {
        for (let i = 0; i < 1000; i++) emit('log', [{ run: '', line: String(i) }])
        return []
      },
    } as unknown as WorkbenchApi
    return { api, close: async () => emit('log', [{ run: '', line: 'closed' }]) }
  },
  events => host.tell.events(events),
)
const host = answerParent<HostTable>(engine, () =>
  leaves ? engine.close() : new Promise(() => undefined),
)
