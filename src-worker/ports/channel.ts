// One more port between two threads that are connected already, for what flows at its own pace.
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Port } from '../contract/rpc'

export interface Channel extends Port {
  /** takes what has arrived, without a turn of the event loop */
  drain(): void
  readonly end: MessagePort
}

export function channelOf(end: MessagePort): Channel {
  let take: (message: unknown) => void = () => undefined
  return {
    end,
    send: (message, transfer) => end.postMessage(message, transfer as []),
    receive: listener => {
      take = listener
      end.on('message', listener)
    },
    drain: () => {
      for (let got = receiveMessageOnPort(end); got; got = receiveMessageOnPort(end))
        take(got.message)
    },
  }
}
