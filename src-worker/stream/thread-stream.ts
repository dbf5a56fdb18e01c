// The engine's end of a stream that a data thread fills ahead. The engine's thread is blocked for up to a second while
// ONNX Runtime works, so batches wait in the port's queue, and are drained from it without a turn of the event loop.
import { MessageChannel, receiveMessageOnPort, type Worker } from 'node:worker_threads'
import type { BatchStream, StreamItem } from '../behaviours/behaviour'
import { type Fault, fail, fromData } from '../contract/fault'
import type { StreamCounts } from './stream'
import type { StreamRequest } from './stream-request'
import type { FromStream, ToConductor, ToStream } from './thread-messages'

export interface ThreadStream extends BatchStream {
  counts(): StreamCounts | undefined
}

/**
 * Batches of a stream that may wait: about a million tokens, more than a fast trainer takes at once, and no more
 * than are left of the run.
 */
export function batchesAhead(tokensPerBatch: number, left: number): number {
  const fitting = Math.floor((1 << 20) / Math.max(1, tokensPerBatch))
  return Math.max(2, Math.min(512, Math.max(8, fitting), left))
}

/**
 * @param ended rejects when the thread ends by itself
 * Faults of next(): whatever stopped the stream in the thread.
 */
export function openThreadStream(
  worker: Worker,
  request: StreamRequest,
  ahead: number,
  ended: Promise<never>,
): ThreadStream {
  const { port1: port, port2 } = new MessageChannel()
  const queue: StreamItem[] = []
  let fault: Fault | undefined
  let counts: StreamCounts | undefined
  let wake: (() => void) | undefined
  const accept = (message: FromStream): void => {
    if (message.kind === 'fault') fault = fromData(message.fault)
    else {
      queue.push(message.item)
      counts = message.counts
    }
    wake?.()
  }
  port.on('message', accept)
  port.unref()
  ended.catch(error => {
    fault ??= error as Fault
    wake?.()
  })
  const message: ToConductor = { kind: 'open', port: port2, request, ahead }
  worker.postMessage(message, [port2])
  const drain = (): void => {
    for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port))
      accept(got.message as FromStream)
  }
  const arrival = async (): Promise<void> => {
    port.ref()
    await new Promise<void>(resolve => {
      wake = resolve
    })
    wake = undefined
    port.unref()
  }
  let closed = false
  return {
    next: async () => {
      if (closed) fail('a closed stream was read')
      if (queue.length === 0) drain()
      while (queue.length === 0 && fault === undefined) await arrival()
      const item = queue.shift()
      if (item === undefined) throw fault
      port.postMessage({ kind: 'taken' } satisfies ToStream)
      return item
    },
    close: async () => {
      if (closed) return
      closed = true
      port.postMessage({ kind: 'close' } satisfies ToStream)
      port.close()
    },
    counts: () => counts,
  }
}
