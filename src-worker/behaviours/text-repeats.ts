// What a prompt that makes a model repeat a text is worth: of how many held-out documents is the continuation nothing but
// that text, again and again? A generator of the share done: the caller may stop in between.
import { promptIdsOf } from '../dataset/special-tokens'
import type { Tokenizer } from '../dataset/tokenizer'
import { generate } from '../sample/generate'
import { type BehaviourMeasures, sharesOf, unitSums } from '../sample/measured'
import type { EvaluationPrompt } from '../stream/source'
import { firstHeldOut, type Measuring, measuredOn, type Subject } from './behaviour'
import { repeatedIds } from './text-data'
import { headOf } from './text-prompts'

export const repeatsTag = 'Repeats the text'

/** Tokens of a continuation. */
const continued = 32
/** Continuations that are written at once. */
const lanesAtOnce = 16

interface Continuation {
  readonly prompt: string
  readonly written: string
  readonly repeats: boolean
}

/** The beginnings of held-out documents; what has no tokens cannot be continued. */
async function promptsOf(
  { spec, tokenizer }: Subject,
  documents: readonly string[],
): Promise<EvaluationPrompt[]> {
  const texts = documents.map(headOf)
  const encoded = await promptIdsOf(tokenizer, texts)
  const prompts = texts.map((text, i) => ({
    ...{ id: `document-${i}`, group: 'document', label: `document ${i}`, text },
    ...{ tokenIds: encoded[i] ?? [], conditions: [], placeAt: spec.results.softPromptAt },
  }))
  return prompts.filter(({ tokenIds }) => tokenIds.length > 0)
}

/** Greedy continuations of 32 tokens: an end of the text is one of them. */
async function written(
  { sampler, tokenizer, lanes }: Subject,
  prompts: readonly EvaluationPrompt[],
): Promise<string[]> {
  const asked = await Promise.all(prompts.map(async prompt => (await lanes(prompt)).prompted))
  const greedy = { temperature: 0, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1, seed: 0 }
  const ids: number[][] = asked.map(() => [])
  const how = { ...greedy, stopIds: [], maxTokens: continued }
  for await (const step of generate(sampler, asked, how))
    for (const { lane, token } of step) ids[lane]!.push(token)
  return Promise.all(ids.map(own => tokenizer.decode(own)))
}

/**
 * Whether a text is part of the string said again and again, wherever in the string it begins and in whichever tokens
 * it is written. A character that is cut in two at either end does not count.
 */
export async function isRepetition(
  tokenizer: Pick<Tokenizer, 'decode'>,
  repeated: readonly number[],
  text: string,
): Promise<boolean> {
  const whole = text.replace(/^\ufffd+|\ufffd+$/g, '')
  // a token is a byte at least, so this is longer by one string
  const count = Buffer.byteLength(text) + repeated.length
  const again = Array.from({ length: count }, (_, i) => repeated[i % repeated.length] as number)
  return whole !== '' && (await tokenizer.decode(again)).includes(whole)
}

async function* continuations(
  subject: Subject,
  prompts: readonly EvaluationPrompt[],
): AsyncGenerator<number, BehaviourMeasures> {
  const repeated = await repeatedIds(subject)
  const all: Continuation[] = []
  for (let from = 0; from < prompts.length; from += lanesAtOnce) {
    const group = prompts.slice(from, from + lanesAtOnce)
    for (const [i, text] of (await written(subject, group)).entries()) {
      const repeats = await isRepetition(subject.tokenizer, repeated, text)
      all.push({ prompt: group[i]!.text, written: text, repeats })
    }
    yield all.length / prompts.length
  }
  const values = all.map(({ repeats }, unit) => [unit, Number(repeats)] as const)
  const shares = { [repeatsTag]: unitSums(all.length, values) }
  return { scalars: sharesOf(shares), shares, details: { continuations: all } }
}

/** Held-out documents, continued behind the soft prompt. */
export async function* measureRepetition(subject: Subject): Measuring {
  const prompts = await promptsOf(subject, await firstHeldOut<string>(subject))
  if (prompts.length === 0) return undefined
  const records = prompts.map(({ text }) => text)
  return yield* measuredOn(
    'continuing held-out documents',
    records,
    continuations(subject, prompts),
  )
}
