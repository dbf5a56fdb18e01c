// Ctrl-C: the first asks for a good end, the second ends at once. SIGTERM asks however often it comes: a cluster sends it to a
// task's shell and to all that runs in it.
import { exitCodes } from './terminal'

let everRequested = false

/** Whether a signal has asked this command to end: no further run begins, however the one in flight has ended. */
export const wasStopRequested = (): boolean => everRequested

/** Calls `stop` at the first signal. @returns ends the listening */
export function onStopSignal(stop: () => void): () => void {
  let isRequested = false
  const request = (): void => {
    if (!isRequested) stop()
    isRequested = true
    everRequested = true
  }
  const interrupt = (): void => {
    if (isRequested) process.exit(exitCodes.interrupted)
    request()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', request)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', request)
  }
}
