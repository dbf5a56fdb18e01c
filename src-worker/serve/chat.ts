// POST /v1/chat/completions: messages in the model's own template → the assistant's turn.
import { chatRenderer } from '../dataset/chat-template'
import { chatDay } from '../sample/chat-day'
import { type Choice, type Delta, writeChoice } from './choice'
import { laneOptions, seedOf, stopsOf } from './completions'
import type { ChatRequest } from './requests'
import type { ServedModel } from './served-model'

export interface ChatAnswer {
  readonly promptTokens: number
  readonly choices: readonly Choice[]
}

/** Token ids of the messages; the template writes its special tokens itself. */
async function messageIds(
  { messages }: ChatRequest,
  { sampler, snapshot }: ServedModel,
): Promise<number[]> {
  const { folder, tokenizer } = sampler
  // of today, not of the day on which the server was started
  const { date } = chatDay(folder.chatTemplate, snapshot)
  const render = chatRenderer(folder.chatTemplate, tokenizer.specialTokens, folder.id, date)
  const turns = messages.map(({ role, content }) => ({
    role: role === 'developer' ? ('system' as const) : role,
    content,
  }))
  return tokenizer.encode(render(turns, { generationPrompt: true }), { special: false })
}

/** How many tokens fit behind a prompt: the default length of an answer. */
const roomBehind = ({ sampler }: ServedModel, used: number): number =>
  Math.max(1, sampler.folder.config.maxPositions - used)

/** Faults: bad-model (no chat template), bad-data (messages that the template refuses), and those of writeChoice. */
export async function chat(
  request: ChatRequest,
  model: ServedModel,
  signal: AbortSignal,
  onDelta: (index: number, delta: Delta) => void = () => undefined,
): Promise<ChatAnswer> {
  const ids = await messageIds(request, model)
  const { conditions } = request
  const lane = await model.lane(ids, conditions)
  const asked = request.max_completion_tokens ?? request.max_tokens
  const maxTokens = asked ?? roomBehind(model, lane.slots.length)
  const top = request.logprobs === true ? (request.top_logprobs ?? 0) : 0
  const options = laneOptions(request, model, { maxTokens, top })
  const [stops, seed] = [stopsOf(request), seedOf(request)]
  const choices = Array.from({ length: request.n ?? 1 }, (_, index) =>
    writeChoice(model, { ids, conditions, options, stops, seed, index }, signal, delta =>
      onDelta(index, delta),
    ),
  )
  return { promptTokens: ids.length, choices: await Promise.all(choices) }
}
