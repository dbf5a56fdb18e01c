// POST /v1/completions: text or token ids → continuations, with `echo`, `logprobs`, `n`, `stop` and `seed`.
import { randomInt } from 'node:crypto'
import { Fault } from '../contract/fault'
import { promptIds, promptIdsOf } from '../dataset/special-tokens'
import { type Choice, type ChoiceRequest, type Delta, namedToken, writeChoice } from './choice'
import type { LaneOptions } from './lane-queue'
import type { ChatRequest, CompletionRequest } from './requests'
import type { ServedModel } from './served-model'
import { textScores } from './text-scores'

/** OpenAI's default length of a completion. */
const defaultTokens = 16

/** The fields that both kinds of request share → settings of a lane. */
export function laneOptions(
  request: CompletionRequest | ChatRequest,
  model: ServedModel,
  { maxTokens, top }: { readonly maxTokens: number; readonly top: number },
): LaneOptions {
  return {
    maxTokens,
    temperature: request.temperature ?? 1,
    topP: request.top_p ?? 1,
    topK: request.top_k ?? 0,
    minP: request.min_p ?? 0,
    repetitionPenalty: request.repetition_penalty ?? 1,
    stopIds: model.sampler.folder.config.eosTokenIds,
    top,
  }
}

export const stopsOf = ({ stop }: CompletionRequest | ChatRequest): readonly string[] =>
  typeof stop === 'string' ? [stop] : (stop ?? [])

/** A request without a seed is answered differently each time. */
export const seedOf = ({ seed }: CompletionRequest | ChatRequest): number =>
  seed ?? randomInt(2 ** 31)

/** Faults: usage (an id that the model's vocabulary does not have). */
function checkIds(ids: readonly number[], { sampler }: ServedModel): readonly number[] {
  const size = sampler.decoder.vocabularySize
  const wrong = ids.find(id => id >= size)
  if (wrong === undefined) return ids
  throw new Fault('usage', `token ${wrong} is none of the model's ${size}`, 'Correct the prompt.')
}

/** Token ids of each prompt. Text gets the tokenizer's start token (Llama: `<s>`), once; ids stay as they are. */
async function idsOf(
  { prompt }: CompletionRequest,
  model: ServedModel,
): Promise<readonly (readonly number[])[]> {
  if (typeof prompt === 'string') return [await promptIds(model.sampler.tokenizer, prompt)]
  if (typeof prompt[0] === 'number') return [checkIds(prompt as number[], model)]
  if (typeof prompt[0] === 'string') return promptIdsOf(model.sampler.tokenizer, prompt as string[])
  return (prompt as number[][]).map(ids => checkIds(ids, model))
}

export interface CompletionPart {
  readonly promptTokens: number
  /** the prompt itself, when it is wanted back */
  readonly echo: Delta
  readonly choice: Choice
}

/** The prompt's own text and what each of its tokens was worth. */
async function echoOf(
  request: CompletionRequest,
  model: ServedModel,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Delta> {
  if (request.echo !== true) return { text: '', tokens: [] }
  const { tokenizer, decoder } = model.sampler
  const text = await tokenizer.decode(ids, { skipSpecial: true })
  if (typeof request.logprobs !== 'number') return { text, tokens: [] }
  const lane = await model.lane(ids, request.conditions)
  const top = request.logprobs
  const scores = await model.queue.alone(() => textScores(decoder, lane, top, signal))
  // a start token that the model needs, and that the prompt did not name, is no part of the answer
  const own = scores.slice(scores.length - ids.length)
  const named = own.map(score => namedToken(tokenizer, score.token, score.logProb, score.top))
  return { text, tokens: await Promise.all(named) }
}

/** Answers with one part for each prompt and choice, in order; `onDelta` hears of each as it grows. */
export async function complete(
  request: CompletionRequest,
  model: ServedModel,
  signal: AbortSignal,
  onDelta: (index: number, delta: Delta) => void = () => undefined,
): Promise<CompletionPart[]> {
  const prompts = await idsOf(request, model)
  const count = request.n ?? 1
  const seed = seedOf(request)
  const maxTokens = request.max_tokens ?? defaultTokens
  const options = laneOptions(request, model, { maxTokens, top: request.logprobs ?? 0 })
  const stops = stopsOf(request)
  const parts = prompts.flatMap((ids, p) =>
    Array.from({ length: count }, async (_, index): Promise<CompletionPart> => {
      const place = p * count + index
      const echo = await echoOf(request, model, ids, signal)
      if (request.echo === true) onDelta(place, echo)
      const { conditions } = request
      const asked: ChoiceRequest = { ids, conditions, options, stops, seed, index }
      const choice = await writeChoice(model, asked, signal, delta => onDelta(place, delta))
      return { promptTokens: ids.length, echo, choice }
    }),
  )
  return Promise.all(parts)
}
