// Ctrl-C: the first asks for a good end, the second ends at once.
import { exitCodes } from './terminal'

/** Calls `stop` at the first signal. @returns ends the listening */
export function onStopSignal(stop: () => void): () => void {
  let isRequested = false
  const requested = (): void => {
    if (isRequested) process.exit(exitCodes.interrupted)
    isRequested = true
    stop()
  }
  process.on('SIGINT', requested)
  process.on('SIGTERM', requested)
  return () => {
    process.off('SIGINT', requested)
    process.off('SIGTERM', requested)
  }
}
