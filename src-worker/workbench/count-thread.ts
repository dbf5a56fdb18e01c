// The thread that counts the documents of one data set, so that the engine's own thread stays free to answer. It holds
// no session: when asked to end, it stops at the next portion.
import { type CountRequest, countRecords } from '../behaviours/data-kinds'
import { answerParent } from '../ports/own'

/** What it says meanwhile. */
export interface CountListener {
  soFar(documents: number): void
}

/** ms between two words */
const reportEvery = 300

const stop = new AbortController()
let sentAt = Date.now()
const onProgress = (documents: number): void => {
  if (Date.now() - sentAt < reportEvery) return
  sentAt = Date.now()
  listener.tell.soFar(documents)
}

const functions = {
  count: (request: CountRequest) => countRecords(request, { onProgress, signal: stop.signal }),
}
export type CountThread = typeof functions

const listener = answerParent<CountListener>(functions, async () => stop.abort())
