// The entry of a data thread: a data loader (streams of batches) or one of its tokenizer workers. Ends when asked to.
import type { MessagePort } from 'node:worker_threads'
import { openPipeline } from '../behaviours/registry'
import { asFault, fail } from '../contract/fault'
import { connect, transferring } from '../contract/rpc'
import { withinRows } from '../dataset/model-tokenizer'
import { openTokenizer } from '../dataset/tokenizer'
import { channelOf } from '../ports/channel'
import { answerParent } from '../ports/own'
import type { DataPipeline } from './data-pipeline'
import type { StreamItem } from './source'
import { noCounts } from './stream'
import { type Data, type StreamRequest, streamOf } from './stream-request'
import type { DataThread, StreamReader, StreamSource, ThreadSetup } from './thread-messages'
import { startTokenizerWorkers, type TokenizerWorkers } from './tokenizer-workers'

const buffersOf = ({ batch, documentOf }: StreamItem): ArrayBuffer[] =>
  [batch.slots, batch.rows, batch.labels, batch.weights, batch.conditions, documentOf].map(
    array => array.buffer as ArrayBuffer,
  )

/** Counts how many batches may be sent; waits while there are none. */
function allowance(start: number): { take(): Promise<void>; give(): void } {
  let left = start
  let wake: (() => void) | undefined
  return {
    take: async () => {
      while (left === 0)
        await new Promise<void>(resolve => {
          wake = resolve
        })
      left -= 1
    },
    give: () => {
      left += 1
      wake?.()
      wake = undefined
    },
  }
}

/** Send batches along a port, never more than `ahead` that were not taken yet. */
async function pump(
  data: Data,
  port: MessagePort,
  request: StreamRequest,
  ahead: number,
): Promise<void> {
  const counts = noCounts()
  const stream = streamOf(data, request, counts)
  const credit = allowance(ahead)
  let open = true
  const close = (): void => {
    open = false
    credit.give()
  }
  port.on('close', close)
  const source: StreamSource = { taken: credit.give, close }
  const reader = connect<StreamReader>(channelOf(port), source)
  try {
    for (;;) {
      await credit.take()
      if (!open) break
      const { value: item, done } = await stream.next()
      if (done || !open) break
      reader.tell.item(transferring(item, buffersOf(item)), counts)
    }
  } catch (error) {
    reader.tell.fault(asFault(error).toData())
  } finally {
    await stream.return(undefined)
    if (!open) port.close()
  }
}

interface Opened {
  readonly pipeline: DataPipeline
  readonly data: Data
  readonly tokenizerWorkers: TokenizerWorkers | undefined
}

async function openData(setup: ThreadSetup): Promise<Opened> {
  const { spec, model, split } = setup
  const tokenizer = withinRows(model, await openTokenizer(model.path))
  const pipeline = await openPipeline({ spec, model, tokenizer })
  const tokenizerWorkers = setup.tokenizerWorkers > 0 ? startTokenizerWorkers(setup) : undefined
  const prepare = tokenizerWorkers?.prepare ?? pipeline.prepare
  return { pipeline, tokenizerWorkers, data: { spec, split, pipeline, prepare } }
}

let opened: Opened | undefined
const here = (): Opened => opened ?? fail('a data thread was asked before it had started')
const pumps = new Map<MessagePort, Promise<void>>()

const functions: DataThread = {
  start: async setup => {
    opened = await openData(setup)
  },
  open: (port, request, ahead) => {
    const pumping = pump(here().data, port, request, ahead)
    pumps.set(
      port,
      pumping.finally(() => pumps.delete(port)),
    )
  },
  prepare: raws => here().pipeline.prepare(raws),
}

answerParent(functions, async () => {
  for (const port of pumps.keys()) port.close()
  await Promise.all(pumps.values())
  await opened?.tokenizerWorkers?.close()
})
