// Calls of the playgrounds. Each request is complete in itself; answers to cancelled requests are faults, not surprises.
import type { WorkbenchApi } from '../contract/api'
import { openChessTable } from './chess'
import type { Context } from './context'
import { openPathRoom, randomBoard } from './path'
import { openPromptedModels } from './prompted-models'
import { sampleText } from './sample'

export type PlaygroundCalls = Pick<
  WorkbenchApi,
  'sample' | 'chess' | 'path' | 'randomBoard' | 'warmModels' | 'unloadModels'
>

export interface Playground {
  readonly calls: PlaygroundCalls
  close(): Promise<void>
}

export function openPlayground(context: Context): Playground {
  const promptedModels = openPromptedModels(context)
  const chess = openChessTable(promptedModels)
  const path = openPathRoom(promptedModels)
  // one request of a model at a time: sessions and caches are not shared within a step
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
  return {
    calls: {
      // a cancelled text is an answer: what was written so far
      sample: request =>
        context.cancellable(request.request, signal =>
          inTurn(() => sampleText(request, promptedModels, context, signal)),
        ),
      chess: request =>
        context.cancellable(request.request, signal => inTurn(() => chess(request, signal))),
      path: request =>
        context.cancellable(request.request, signal => inTurn(() => path(request, signal))),
      randomBoard: async request => randomBoard(request),
      warmModels: () => promptedModels.warm(),
      unloadModels: async () => {
        await inTurn(() => promptedModels.unload())
        return null
      },
    },
    close: () => inTurn(() => promptedModels.unload()),
  }
}
