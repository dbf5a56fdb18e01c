// The thread, or the process, that trains: one for each device, so that the engine's own thread stays free to answer.
// Takes runs one after another and tells what happens; it is told to end, never terminated, because it holds sessions.
import { writeEvents } from '../analysis/run-events'
import type { StopRequest } from '../train/control'
import { executeRun } from '../train/execute'
import { ownPort } from './own-port'
import type { FromRunThread, ToRunThread } from './run-messages'

const { port, leave } = ownPort()
let stopRequest: StopRequest = 'go'
let working: Promise<void> = Promise.resolve()

const send = (message: FromRunThread): void => port.send(message)

/** Lets messages in between two stretches: a session call blocks this thread. */
const breathe = (): Promise<void> => new Promise(done => setImmediate(done))

async function execute({ folder, host }: Extract<ToRunThread, { kind: 'run' }>): Promise<void> {
  stopRequest = 'go'
  try {
    for await (const update of executeRun(folder, {
      ...host,
      stopRequest: () => stopRequest,
      writeEvents,
    })) {
      send({ kind: 'update', folder, update })
      await breathe()
    }
  } finally {
    send({ kind: 'finished', folder })
  }
}

port.receive(raw => {
  const message = raw as ToRunThread
  if (message.kind === 'run')
    working = working.then(
      () => execute(message),
      () => execute(message),
    )
  else if (message.kind === 'stop') stopRequest = message.stopRequest
  else {
    stopRequest = 'stop'
    void working.finally(leave)
  }
})
