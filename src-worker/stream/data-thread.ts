// The entry of a data thread: a conductor (streams of batches) or one of its preparers. Ends when told to.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { StreamItem } from '../behaviours/behaviour'
import { openRecipe } from '../behaviours/recipes'
import { asFault, fail } from '../contract/fault'
import { openTokenizer } from '../dataset/tokenizer'
import { startPreparers } from './preparers'
import type { Recipe } from './recipe'
import { noCounts } from './stream'
import { type Data, type StreamRequest, streamOf } from './stream-request'
import type {
  FromConductor,
  FromPreparer,
  FromStream,
  ThreadSetup,
  ToConductor,
  ToPreparer,
  ToStream,
} from './thread-messages'

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
  port.on('message', (message: ToStream) => {
    if (message.kind === 'close') open = false
    credit.give()
  })
  port.on('close', () => {
    open = false
    credit.give()
  })
  try {
    for (;;) {
      await credit.take()
      if (!open) break
      const { value: item, done } = await stream.next()
      if (done || !open) break
      const message: FromStream = { kind: 'item', item, counts }
      port.postMessage(message, buffersOf(item))
    }
  } catch (error) {
    const message: FromStream = { kind: 'fault', fault: asFault(error).toData() }
    port.postMessage(message)
  } finally {
    await stream.return(undefined)
    if (!open) port.close()
  }
}

function conduct(parent: MessagePort, setup: ThreadSetup, recipe: Recipe): void {
  const { spec, split } = setup
  const preparers = setup.preparers > 0 ? startPreparers(setup) : undefined
  const prepare = preparers?.prepare ?? recipe.prepare
  const data: Data = { spec, split, recipe, prepare }
  const pumps = new Map<MessagePort, Promise<void>>()
  const end = async (): Promise<void> => {
    for (const port of pumps.keys()) port.close()
    await Promise.all(pumps.values())
    await preparers?.close()
    parent.close()
  }
  parent.on('message', (message: ToConductor) => {
    if (message.kind === 'end') void end()
    else {
      const { port, request, ahead } = message
      pumps.set(
        port,
        pump(data, port, request, ahead).finally(() => pumps.delete(port)),
      )
    }
  })
}

function serve(parent: MessagePort, recipe: Recipe): void {
  const send = (message: FromPreparer): void => parent.postMessage(message)
  parent.on('message', (message: ToPreparer) => {
    if (message.kind === 'end') return parent.close()
    const { id, raws } = message
    recipe.prepare(raws).then(
      prepared => send({ kind: 'prepared', id, prepared }),
      error => send({ kind: 'failed', id, fault: asFault(error).toData() }),
    )
  })
}

async function main(parent: MessagePort): Promise<void> {
  const setup = workerData as ThreadSetup
  const { spec, model } = setup
  const tokenizer = await openTokenizer(model.path)
  const recipe = await openRecipe({ spec, model, tokenizer })
  if (setup.role === 'conductor') conduct(parent, setup, recipe)
  else serve(parent, recipe)
  parent.postMessage({ kind: 'ready' } satisfies FromConductor)
}

const parent = parentPort ?? fail('data-thread.ts is the entry of a worker thread')
main(parent).catch(error => {
  parent.postMessage({ kind: 'fault', fault: asFault(error).toData() } satisfies FromConductor)
  parent.close()
})
