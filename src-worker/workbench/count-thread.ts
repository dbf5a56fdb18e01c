// The thread that counts the documents of one data set, so that the engine's own thread stays free to answer. It holds
// no session: told to stop, it ends by itself at the next portion.
import { parentPort, workerData } from 'node:worker_threads'
import { asFault, type FaultData } from '../contract/fault'
import { type CountRequest, countDocuments } from '../dataset/count'

export type FromCountThread =
  | { readonly kind: 'so-far'; readonly documents: number }
  | { readonly kind: 'counted'; readonly documents: number }
  | { readonly kind: 'fault'; readonly fault: FaultData }

/** ms between two words */
const tellEvery = 300

const port = parentPort
const stop = new AbortController()
port?.on('message', () => stop.abort())

const send = (message: FromCountThread): void => port?.postMessage(message)

let told = Date.now()
const onProgress = (documents: number): void => {
  if (Date.now() - told < tellEvery) return
  told = Date.now()
  send({ kind: 'so-far', documents })
}

countDocuments(workerData as CountRequest, { onProgress, signal: stop.signal })
  .then(
    documents => send({ kind: 'counted', documents }),
    error => send({ kind: 'fault', fault: asFault(error).toData() }),
  )
  .finally(() => port?.close())
