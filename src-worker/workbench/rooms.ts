// The three playgrounds over models that this process holds. One request of a model at a time: sessions and caches are
// not shared within a step.
import pLimit from 'p-limit'
import type {
  ChessAnswer,
  ChessRequest,
  PathAnswer,
  PathRequest,
  SampleRequest,
  SampleResult,
} from '../contract/playground'
import { openChessTable } from './chess'
import type { Context } from './context'
import { openPathRoom } from './path'
import { openPromptedModels, type PromptedModels } from './prompted-models'
import { sampleText } from './sample'

export interface Rooms {
  /** a cancelled text is an answer: what was written so far */
  sample(request: SampleRequest, signal: AbortSignal): Promise<SampleResult>
  chess(request: ChessRequest, signal: AbortSignal): Promise<ChessAnswer>
  path(request: PathRequest, signal: AbortSignal): Promise<PathAnswer>
}

export interface OwnRooms extends Rooms {
  readonly promptedModels: PromptedModels
  /** after what is at work */
  unload(): Promise<void>
}

export function openRooms(context: Context): OwnRooms {
  const promptedModels = openPromptedModels(context)
  const chess = openChessTable(promptedModels)
  const path = openPathRoom(promptedModels)
  const inTurn = pLimit(1)
  return {
    promptedModels,
    sample: (request, signal) => inTurn(() => sampleText(request, promptedModels, context, signal)),
    chess: (request, signal) => inTurn(() => chess(request, signal)),
    path: (request, signal) => inTurn(() => path(request, signal)),
    unload: () => inTurn(() => promptedModels.unload()),
  }
}
