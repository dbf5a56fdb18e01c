// Ctrl-C: the first asks for a good end, the second ends at once.
import { exitCodes } from './terminal'

/** Calls `stop` at the first signal. @returns ends the listening */
export function onStopSignal(stop: () => void): () => void {
  let asked = false
  const heard = (): void => {
    if (asked) process.exit(exitCodes.interrupted)
    asked = true
    stop()
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
  return () => {
    process.off('SIGINT', heard)
    process.off('SIGTERM', heard)
  }
}
