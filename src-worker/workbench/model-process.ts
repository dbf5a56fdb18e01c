// A process of its own for a model that is too large for the app's: the playgrounds' requests, and measured steps.
import type { Emit } from '../contract/api'
import { fail } from '../contract/fault'
import type { RunSpec } from '../contract/run-spec'
import { answerParent } from '../ports/own'
import { measureCodeLength } from '../train/code-length'
import type { Places } from '../train/home'
import { newOwner } from '../train/lease'
import { type Context, openContext } from './context'
import { evaluateHere, evaluateOptions } from './evaluate'
import { measureStep } from './measure'
import { type OwnRooms, openRooms, type Rooms } from './rooms'

type Answered<F> = F extends (request: infer R, signal: AbortSignal) => infer A
  ? (request: R) => A
  : never

type RoomCalls = { [K in keyof Rooms]: Answered<Rooms[K]> }

export interface ModelProcess extends RoomCalls {
  /** before anything else */
  open(places: Places): void
  /** seconds of an optimizer step; `request` names it for cancel */
  measure(request: string, spec: RunSpec): Promise<number>
  /** tests the checkpoints of a run */
  evaluate(request: string, folder: string): Promise<number>
  /** measures what the training data of a run cost as a code; answers when it is on disk */
  codeLength(request: string, folder: string): Promise<void>
  cancel(request: string): void
  warm(): Promise<{ model: string; bytes: number }[]>
}

/** What it tells the engine: events as its own. */
export interface ModelProcessListener {
  emit: Emit
}

let opened: { readonly context: Context; readonly rooms: OwnRooms } | undefined
const here = () => opened ?? fail('a model process was asked before it was opened')

const inRoom =
  <R extends { readonly request: string }, A>(
    room: (rooms: Rooms) => (request: R, signal: AbortSignal) => Promise<A>,
  ) =>
  (request: R): Promise<A> => {
    const { context, rooms } = here()
    return context.cancellable(request.request, signal => room(rooms)(request, signal))
  }

const functions: ModelProcess = {
  open: places => {
    const context = openContext(places, newOwner(), (name, data) => engine.tell.emit(name, data))
    opened = { context, rooms: openRooms(context) }
  },
  sample: inRoom(rooms => rooms.sample),
  chess: inRoom(rooms => rooms.chess),
  path: inRoom(rooms => rooms.path),
  measure: (request, spec) => {
    const { context } = here()
    const onProgress = (doing: string): void =>
      context.emit('progress', { request, doing, fraction: null })
    return context.cancellable(request, signal =>
      measureStep(spec, { ...context, onProgress, signal }),
    )
  },
  evaluate: (request, folder) => {
    const { context } = here()
    return context.cancellable(request, signal => evaluateHere(context, request, folder, signal))
  },
  codeLength: (request, folder) => {
    const { context } = here()
    return context.cancellable(request, async signal => {
      await measureCodeLength(folder, evaluateOptions(context, request, signal))
    })
  },
  cancel: request => here().context.cancel(request),
  warm: () => here().rooms.promptedModels.warm(),
}

const engine = answerParent<ModelProcessListener>(functions, async () => opened?.rooms.unload())
