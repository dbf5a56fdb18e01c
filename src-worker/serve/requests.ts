// The requests of OpenAI's API that we answer, as schemas. Fields that would change the text and that we cannot honour are
// refused by name; fields that change nothing (user, metadata …) are accepted and unused.
import { z } from 'zod'

const text = z.string()
const tokenIds = z.array(z.int().nonnegative()).min(1)
const stop = z.union([text.min(1), z.array(text.min(1)).max(16)]).nullish()
const seed = z.int().nullish()
const conditions = z.array(z.number()).default([])

/** Fields of either kind of request. Unset ones mean what OpenAI's API says. */
const shared = {
  model: text.min(1),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop,
  seed,
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  // not OpenAI's, but those of other servers; neutral when absent
  top_k: z.int().min(0).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().positive().nullish(),
  /** ours: the conditions of a generated prompt, for instance the normalised Elos of chess */
  conditions,
}

export const completionRequestSchema = z.looseObject({
  ...shared,
  prompt: z.union([text, tokenIds, z.array(text).min(1), z.array(tokenIds).min(1)]),
  max_tokens: z.int().min(0).nullish(),
  echo: z.boolean().nullish(),
  /** how many alternatives are listed with each token; null: no log-probabilities */
  logprobs: z.int().min(0).max(20).nullish(),
})
export type CompletionRequest = z.infer<typeof completionRequestSchema>

const textPart = z.looseObject({ type: z.literal('text'), text })
/** Content as people send it: a string, or parts of text, which are joined. */
const content = z
  .union([text, z.array(textPart)])
  .transform(parts => (typeof parts === 'string' ? parts : parts.map(p => p.text).join('')))

export const chatRequestSchema = z.looseObject({
  ...shared,
  messages: z
    .array(z.looseObject({ role: z.enum(['system', 'developer', 'user', 'assistant']), content }))
    .min(1),
  max_tokens: z.int().min(0).nullish(),
  max_completion_tokens: z.int().min(0).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
})
export type ChatRequest = z.infer<typeof chatRequestSchema>

type Unsupported = (value: unknown) => boolean
const filled: Unsupported = value =>
  JSON.stringify(value) !== '{}' && JSON.stringify(value) !== '[]'
const nonZero: Unsupported = value => value !== 0
const notText: Unsupported = value => (value as { type?: unknown }).type !== 'text'
/** Fields that would change the answer → whether this value does. */
const unsupported: Readonly<Record<string, Unsupported>> = {
  suffix: value => value !== '',
  best_of: value => value !== 1,
  logit_bias: filled,
  frequency_penalty: nonZero,
  presence_penalty: nonZero,
  tools: filled,
  functions: filled,
  response_format: notText,
  guided_json: filled,
  prompt_logprobs: nonZero,
}

/** The first field of a request that we cannot honour; undefined: none. */
export function unsupportedField(request: Readonly<Record<string, unknown>>): string | undefined {
  return Object.entries(unsupported).find(([field, changes]) => {
    const value = request[field]
    return value !== undefined && value !== null && changes(value)
  })?.[0]
}
