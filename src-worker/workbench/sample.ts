// The text playground's call: text or chat, with a soft prompt anywhere in it, streamed token by token.

import { setImmediate } from 'node:timers/promises'
import { Fault } from '../contract/fault'
import type { SampledToken, SampleRequest, SampleResult } from '../contract/playground'
import { type Snapshot, trainedPlace } from '../contract/snapshot'
import { chatRenderer } from '../dataset/chat-template'
import { type Encoded, encodedOnce, endsOnce } from '../dataset/special-tokens'
import type { Tokenizer } from '../dataset/tokenizer'
import { type ChatDay, chatDay } from '../sample/chat-day'
import { type GeneratedToken, generate, type Sequence } from '../sample/generate'
import { placedLane } from '../sample/place-slots'
import { quoted } from '../shared/shell'
import { fixedStart } from '../stream/lanes'
import { tokenPlace } from '../stream/token-place'
import type { Context } from './context'
import type { Opened, PromptedModels } from './prompted-models'

interface RequestText {
  readonly text: string
  readonly special: boolean
  /** the day that the chat template got */
  readonly day: ChatDay
}

/** Text of a request: the prompt, or the messages in the model's own template, of the day that the prompt learned with. */
function textOf(request: SampleRequest, { sampler, snapshot }: Opened): RequestText {
  const { messages, prompt } = request
  if (messages.length === 0) return { text: prompt, special: true, day: { date: '', note: '' } }
  const { folder, tokenizer } = sampler
  const day = chatDay(folder.chatTemplate, snapshot, request.date)
  const render = chatRenderer(folder.chatTemplate, tokenizer.specialTokens, folder.id, day.date)
  return { text: render(messages, { generationPrompt: true }), special: false, day }
}

/** Token before which a character offset lies: a token across it belongs to what follows. */
async function tokenAt(
  tokenizer: Tokenizer,
  { text, special }: RequestText,
  encoded: Encoded,
  character: number,
): Promise<number> {
  const encode = async (some: string) => (await encodedOnce(tokenizer, some, special)).ids
  const ends = () => endsOnce(tokenizer, text, special, encoded)
  return (await tokenPlace({ text, ids: encoded.ids, encode, ends }, character)).before
}

interface PlacedRequest {
  readonly lanes: readonly Sequence[]
  readonly promptTokens: number
  readonly day: ChatDay
}

/** Before which of so many tokens the soft prompt stands. */
function placeIn(
  length: number,
  at: 'trained' | 'start' | 'end',
  snapshot: Snapshot | undefined,
): number {
  const place = at === 'trained' && snapshot ? trainedPlace(snapshot.metadata) : at
  if (place === 'end') return length
  return typeof place === 'number' ? fixedStart(place)(length) : 0
}

async function lanesOf(request: SampleRequest, opened: Opened): Promise<PlacedRequest> {
  const { sampler, snapshot, prefixToken } = opened
  const { softPromptAt, conditions, samples } = request
  const asked = textOf(request, opened)
  const { text, special, day } = asked
  const whole = await encodedOnce(sampler.tokenizer, text, special)
  const encoded = whole.ids
  const needsStart = prefixToken !== undefined && encoded[0] !== prefixToken
  // without any text the model still needs something to go on: its start token, as in training
  const nothing = encoded.length === 0 && (snapshot?.metadata.shape.tokens ?? 0) === 0
  const start = sampler.tokenizer.bosTokenId ?? sampler.folder.config.bosTokenId
  if (nothing && !needsStart && start === undefined)
    throw new Fault('usage', 'the prompt is empty', 'Write something for the model to continue.')
  const ids = needsStart
    ? [prefixToken, ...encoded]
    : nothing && start !== undefined
      ? [start]
      : encoded
  const shift = ids.length - encoded.length
  const place =
    typeof softPromptAt === 'number'
      ? shift + (await tokenAt(sampler.tokenizer, asked, whole, softPromptAt))
      : placeIn(ids.length, softPromptAt, snapshot)
  const tokens = snapshot?.metadata.shape.tokens ?? 0
  const rows = snapshot === undefined ? undefined : await sampler.rows(snapshot, [conditions])
  const lanes = Array.from({ length: samples }, (_, i) =>
    placedLane({ ids, start: place, tokens }, rows, i),
  )
  return { lanes, promptTokens: ids.length + tokens, day }
}

// five alternatives a token are decoded one by one, and mostly they are the same ones again
const decoded = new WeakMap<Tokenizer, Map<number, Promise<string>>>()

function textOfToken(tokenizer: Tokenizer, token: number): Promise<string> {
  const known = decoded.get(tokenizer) ?? new Map<number, Promise<string>>()
  decoded.set(tokenizer, known)
  const text = known.get(token) ?? tokenizer.decode([token])
  known.set(token, text)
  return text
}

/** Writes down what one sample has become. */
function sampleWriter(tokenizer: Tokenizer) {
  const decoder = tokenizer.streamDecoder({ skipSpecial: true })
  const tokens: SampledToken[] = []
  return {
    tokens,
    push: async ({ token, logProb, top, done }: GeneratedToken): Promise<SampledToken> => {
      const text = done === 'end' ? '' : await decoder.push(token)
      const named = top.map(async t => ({
        text: await textOfToken(tokenizer, t.token),
        logProb: t.logProb,
      }))
      const sampled = { id: token, text, logProb, top: await Promise.all(named) }
      tokens.push(sampled)
      return sampled
    },
    flush: () => decoder.flush(),
  }
}

/** The command that writes the same text. */
export function sampleCommand({
  promptedModel,
  prompt,
  messages,
  softPromptAt,
  conditions,
  sampling,
  samples,
  seed,
}: SampleRequest): string {
  const words = ['spw sample']
  if (promptedModel.model !== '') words.push(`--model ${quoted(promptedModel.model)}`)
  if (promptedModel.snapshot !== '') words.push(`--snapshot ${quoted(promptedModel.snapshot)}`)
  words.push(
    messages.length > 0
      ? `--messages ${quoted(JSON.stringify(messages))}`
      : `--prompt ${quoted(prompt)}`,
  )
  if (softPromptAt !== 'trained') words.push(`--at ${softPromptAt}`)
  if (conditions.length > 0) words.push(`--conditions ${conditions.join(',')}`)
  const { maxTokens, temperature, topP, topK, minP, repetitionPenalty } = sampling
  words.push(`--max-tokens ${maxTokens} --temperature ${temperature} --top-p ${topP}`)
  if (topK > 0) words.push(`--top-k ${topK}`)
  if (minP > 0) words.push(`--min-p ${minP}`)
  if (repetitionPenalty !== 1) words.push(`--repetition-penalty ${repetitionPenalty}`)
  if (samples > 1) words.push(`--n ${samples}`)
  words.push(`--seed ${seed}`)
  if (promptedModel.startToken) words.push('--start-token')
  return words.join(' ')
}

type Sample = SampleResult['samples'][number]

/** Writes all samples of a request, reporting tokens as they come. */
async function written(
  request: SampleRequest,
  { sampler }: Opened,
  lanes: readonly Sequence[],
  { emit, signal, began }: { emit: Context['emit']; signal: AbortSignal; began: number },
): Promise<{ readonly samples: readonly Sample[]; readonly first: number; readonly last: number }> {
  const stopIds = sampler.folder.config.eosTokenIds
  const options = { ...request.sampling, seed: request.seed, stopIds, top: request.top }
  const writers = lanes.map(() => sampleWriter(sampler.tokenizer))
  const ends: Sample['stopped'][] = lanes.map(() => 'cancelled')
  let first = 0
  for await (const step of generate(sampler, lanes, options, signal)) {
    if (first === 0) first = performance.now() - began
    for (const token of step) {
      const sampled = await writers[token.lane]?.push(token)
      if (token.done !== undefined) ends[token.lane] = token.done
      if (sampled !== undefined)
        emit('sampleTokens', [{ request: request.request, sample: token.lane, tokens: [sampled] }])
    }
    // lets a cancel in
    await setImmediate()
  }
  const last = performance.now() - began
  const samples = writers.map(async ({ tokens, flush }, i) => ({
    text: tokens.map(t => t.text).join('') + (await flush()),
    tokens,
    stopped: ends[i] ?? 'cancelled',
  }))
  return { samples: await Promise.all(samples), first, last }
}

/** Answers a request; its tokens go out as events while it writes. After a cancel it answers with what there is. */
export async function sampleText(
  request: SampleRequest,
  promptedModels: PromptedModels,
  { emit }: Pick<Context, 'emit'>,
  signal: AbortSignal,
): Promise<SampleResult> {
  const opened = await promptedModels.open(request.promptedModel)
  const began = performance.now()
  const { lanes, promptTokens, day } = await lanesOf(request, opened)
  const { samples, first, last } = await written(request, opened, lanes, { emit, signal, began })
  const tokens = samples.reduce((n, s) => n + s.tokens.length, 0)
  const seconds = (last - first) / 1000
  return {
    samples: [...samples],
    promptTokens,
    secondsToFirstToken: first / 1000,
    // the first token of each sample was waited for, not written
    tokensPerSecond: seconds > 0 ? Math.max(0, tokens - samples.length) / seconds : 0,
    command: sampleCommand(request),
    ...{ date: day.date, dateNote: day.note },
  }
}
