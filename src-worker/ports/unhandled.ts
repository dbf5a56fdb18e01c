// A promise that failed while nobody waited for it: a fault in the log, which ends nothing. Threads and processes send
// theirs to the one that started them, so that all arrive in one log.
import { asFault, type Fault } from '../contract/fault'

type Sink = (fault: Fault) => void

let sink: Sink = fault => console.error(unhandledText(fault), fault.cause ?? '')
let count = 0

/** One line for the log. */
export const unhandledText = ({ code, message }: Fault): string =>
  `a promise failed and nobody waited for it (${code}): ${message}`

/** How many there were in this thread, with those sent to it. */
export const unhandledCount = (): number => count

export function reportUnhandled(error: unknown): void {
  count += 1
  sink(asFault(error))
}

/** Where those of this thread go; the standard error by default. */
export function sendUnhandledTo(next: Sink): void {
  sink = next
}

/** From now on they end neither this thread nor its process. */
export function catchUnhandled(): void {
  process.on('unhandledRejection', reportUnhandled)
}
