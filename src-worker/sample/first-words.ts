// The first word that a model writes after each of some texts, for instance a move.
import { Fault } from '../contract/fault'
import { generate } from './generate'
import type { Sequence } from './prefill'
import type { Sampler } from './prompted'

export interface WordOptions {
  readonly temperature: number
  readonly topP: number
  readonly seed: number
  /** tokens that a word and the blank behind it take at most */
  readonly maxTokens: number
}

/** Word and, when it is there, the blank behind it. */
const firstWord = /^\s*(\S+)(\s)?/

/** Faults: usage (an empty lane), cancelled. */
export async function firstWords(
  sampler: Sampler,
  lanes: readonly Sequence[],
  { maxTokens, ...how }: WordOptions,
  signal?: AbortSignal,
): Promise<string[]> {
  const { tokenizer, folder } = sampler
  const stopIds = [tokenizer.eosTokenId, ...folder.config.eosTokenIds].filter(
    id => id !== undefined,
  )
  const options = { ...how, maxTokens, topK: 0, minP: 0, repetitionPenalty: 1, stopIds }
  // behind the text, so that a first blank is seen as one
  const before = lanes.map(lane => lane.slots.filter(slot => slot >= 0))
  const shown = await Promise.all(before.map(async ids => (await tokenizer.decode(ids)).length))
  const written: number[][] = lanes.map(() => [])
  const texts: string[] = lanes.map(() => '')
  for await (const step of generate(sampler, lanes, options, signal)) {
    for (const { lane, token, done } of step) if (done !== 'end') written[lane]!.push(token)
    for (const [i, ids] of before.entries()) {
      texts[i] = (await tokenizer.decode([...ids, ...written[i]!])).slice(shown[i])
    }
    if (texts.every(text => firstWord.exec(text)?.[2] !== undefined)) break
  }
  if (signal?.aborted) throw new Fault('cancelled', 'writing was stopped', 'Ask again.')
  return texts.map(text => firstWord.exec(text)?.[1] ?? '')
}
