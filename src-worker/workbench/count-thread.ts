// The thread that counts the documents of one data set, so that the engine's own thread stays free to answer. It holds
// no session: told to end, it stops at the next portion.
import { type CountRequest, countDocuments } from '../dataset/count'
import { answerParent } from '../ports/own'

/** What it says meanwhile. */
export interface CountListener {
  soFar(documents: number): void
}

/** ms between two words */
const tellEvery = 300

const stop = new AbortController()
let told = Date.now()
const onProgress = (documents: number): void => {
  if (Date.now() - told < tellEvery) return
  told = Date.now()
  listener.tell.soFar(documents)
}

const functions = {
  count: (request: CountRequest) => countDocuments(request, { onProgress, signal: stop.signal }),
}
export type CountThread = typeof functions

const listener = answerParent<CountListener>(functions, async () => stop.abort())
