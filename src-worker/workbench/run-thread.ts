// The thread, or the process, that trains: one for each device, so that the engine's own thread stays free to answer.
// Takes one run at a time; it is asked to end, never terminated, because it holds sessions.
import { setImmediate } from 'node:timers/promises'
import { writeEvents } from '../analysis/run-events'
import { answerParent } from '../ports/own'
import type { StopRequest } from '../train/control'
import { executeRun } from '../train/execute'
import type { PlainHost, RunListener, RunThread } from './run-messages'

let stopRequest: StopRequest = 'go'
let working: Promise<void> = Promise.resolve()

async function execute(folder: string, host: PlainHost): Promise<void> {
  for await (const update of executeRun(folder, {
    ...host,
    stopRequest: () => stopRequest,
    writeEvents,
  })) {
    listener.tell.update(update)
    // lets messages in between two run calls: a session call blocks this thread
    await setImmediate()
  }
}

const functions: RunThread = {
  run: (folder, host) => {
    working = execute(folder, host)
    return working
  },
}

const listener = answerParent<RunListener>(functions, async () => {
  stopRequest = 'stop'
  await working.catch(() => undefined) // the caller of the run gets it
})
