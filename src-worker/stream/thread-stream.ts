// The engine's end of a stream that a data thread fills ahead. The engine's thread is blocked for up to a second while
// ONNX Runtime works, so batches wait in the port's queue, and are drained from it without a turn of the event loop.
import { MessageChannel } from 'node:worker_threads'
import { type Fault, fail, fromData } from '../contract/fault'
import { connect, transferring } from '../contract/rpc'
import { channelOf } from '../ports/channel'
import type { StartedThread } from '../ports/start'
import type { BatchStream, StreamItem } from './source'
import type { StreamCounts } from './stream'
import type { StreamRequest } from './stream-request'
import type { DataThread, StreamReader, StreamSource } from './thread-messages'

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

/** Faults of next(): whatever stopped the stream in the thread, or the thread itself. */
export function openThreadStream(
  thread: StartedThread<DataThread>,
  request: StreamRequest,
  ahead: number,
): ThreadStream {
  const { port1: port, port2 } = new MessageChannel()
  const queue: StreamItem[] = []
  let fault: Fault | undefined
  let counts: StreamCounts | undefined
  let wake: (() => void) | undefined
  const stop = (found: Fault): void => {
    fault ??= found
    wake?.()
  }
  const reader: StreamReader = {
    item: (item, countsNow) => {
      queue.push(item)
      counts = countsNow
      wake?.()
    },
    fault: data => stop(fromData(data)),
  }
  const channel = channelOf(port)
  const source = connect<StreamSource>(channel, reader)
  port.unref()
  void thread.lost.then(stop)
  thread.tell.open(transferring(port2, [port2]), request, ahead)
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
      if (queue.length === 0) channel.drain()
      while (queue.length === 0 && fault === undefined) await arrival()
      const item = queue.shift()
      if (item === undefined) throw fault
      source.tell.taken()
      return item
    },
    close: async () => {
      if (closed) return
      closed = true
      source.tell.close()
      port.close()
    },
    counts: () => counts,
  }
}
