// Calls of the playgrounds. Each request is complete in itself; answers to cancelled requests are faults, not surprises.
// A model lives in the engine's own process, or, where that may not be, in a process of its own.
import type { WorkbenchApi } from '../contract/api'
import type { PromptedModel } from '../contract/playground'
import { openSnapshot } from '../weights/snapshot-file'
import type { Context } from './context'
import type { ModelProcesses } from './model-processes'
import { randomBoard } from './path'
import { openRooms, type Rooms } from './rooms'
import type { Apart } from './run-place'

export type PlaygroundCalls = Pick<
  WorkbenchApi,
  keyof Rooms | 'randomBoard' | 'openModel' | 'warmModels' | 'unloadModels'
>

export interface Playground {
  readonly calls: PlaygroundCalls
  close(): Promise<void>
}

export function openPlayground(
  context: Context,
  apart: Apart,
  elsewhere: ModelProcesses,
): Playground {
  const own = openRooms(context)
  const roomsOf = async (promptedModel: PromptedModel): Promise<Rooms> => {
    const folder = await own.promptedModels.folderOf(promptedModel)
    return (await apart.model(folder)) ? elsewhere.roomsOf(folder) : own
  }
  const asked =
    <R extends { readonly request: string; readonly promptedModel: PromptedModel }, A>(
      room: (rooms: Rooms) => (request: R, signal: AbortSignal) => Promise<A>,
    ) =>
    (request: R): Promise<A> =>
      context.cancellable(request.request, async signal =>
        room(await roomsOf(request.promptedModel))(request, signal),
      )
  const unload = async (): Promise<void> => {
    await Promise.all([own.unload(), elsewhere.unload()])
  }
  return {
    calls: {
      sample: asked(rooms => rooms.sample),
      chess: asked(rooms => rooms.chess),
      path: asked(rooms => rooms.path),
      randomBoard: async request => randomBoard(request),
      openModel: async promptedModel => {
        const model = await own.promptedModels.folderOf(promptedModel)
        const { snapshot } = promptedModel
        const metadata = snapshot === '' ? undefined : (await openSnapshot(snapshot)).metadata
        if (!(await apart.model(model))) await own.promptedModels.open(promptedModel)
        return { model, tokens: metadata?.shape.tokens ?? 0 }
      },
      warmModels: async () => [...(await own.promptedModels.warm()), ...(await elsewhere.warm())],
      unloadModels: async () => {
        await unload()
        return null
      },
    },
    close: unload,
  }
}
