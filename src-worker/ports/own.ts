// The side that was started: a thread or a process answers the side that started it, and leaves when asked to.
import { parentPort } from 'node:worker_threads'
import type { FaultData } from '../contract/fault'
import { connect, type Remote } from '../contract/rpc'
import { denyCompilerThreads } from './compiler-threads'
import { catchUnhandled, sendUnhandledTo } from './unhandled'

/** ms; what a thread holds is closed by then, and something that was overlooked must not keep it */
const patienceToLeave = 1000

/** @param end called when the parent of this process is gone */
function processPort(end: () => void) {
  denyCompilerThreads() // this process may be Electron's
  process.once('disconnect', end)
  return {
    send: (message: unknown): void => {
      // the callback takes the error of a channel that has just closed
      if (process.connected) process.send?.(message, undefined, {}, () => undefined)
    },
    receive: (listener: (message: unknown) => void): void => {
      process.on('message', listener)
    },
  }
}

/** What every parent answers (ports/start.ts). */
interface ParentTable {
  unhandled(fault: FaultData): void
}

/**
 * Answers the side that started this thread or process.
 * @param here the functions that it may call, and what it says last: `end`
 * @param closing closes what is held before this thread or process leaves
 */
export function answerParent<There extends object>(
  here: object,
  closing: () => Promise<unknown> = async () => undefined,
): Remote<There> {
  const thread = parentPort
  const leave = (): void => {
    if (thread === null) process.exit(0)
    thread.close()
    setTimeout(() => process.exit(0), patienceToLeave).unref()
  }
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    void closing().catch(console.error).then(leave)
  }
  const port =
    thread === null
      ? processPort(end)
      : {
          send: (message: unknown, transfer: readonly object[]): void =>
            thread.postMessage(message, transfer as []),
          receive: (listener: (message: unknown) => void): void => {
            thread.on('message', listener)
          },
        }
  const parent = connect<There>(port, { ...here, end })
  const reports = parent as Remote<unknown> as Remote<ParentTable>
  sendUnhandledTo(fault => reports.tell.unhandled(fault.toData()))
  catchUnhandled()
  return parent
}
