// What we found, in the shapes that OpenAI's API gives it.
import type { Choice, Delta, NamedToken } from './choice'
import type { CompletionPart } from './completions'

/** The envelope of one answer or of one event of a stream. */
export interface Envelope {
  readonly id: string
  readonly object: string
  /** seconds since 1970 */
  readonly created: number
  readonly model: string
}

export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

export const usageOf = (prompt: number, completion: number): Usage => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
})

/** text → log-probability; of two tokens with one text the more probable one counts. */
function topOf({ text, logProb, top }: NamedToken): Record<string, number> | null {
  if (logProb === null) return null
  const found: Record<string, number> = {}
  for (const each of [...top, { text, logProb }])
    found[each.text] = Math.max(found[each.text] ?? Number.NEGATIVE_INFINITY, each.logProb)
  return found
}

/** `logprobs` of a completion. @param from characters of the answer before these tokens */
export function completionLogProbs(tokens: readonly NamedToken[], from = 0) {
  let offset = from
  return {
    tokens: tokens.map(t => t.text),
    token_logprobs: tokens.map(t => t.logProb),
    top_logprobs: tokens.map(topOf),
    text_offset: tokens.map(t => {
      const at = offset
      offset += t.text.length
      return at
    }),
  }
}

export const completionChoice = (
  { echo, choice }: CompletionPart,
  index: number,
  withLogProbs: boolean,
) => ({
  index,
  text: echo.text + choice.text,
  finish_reason: choice.finish,
  logprobs: withLogProbs ? completionLogProbs([...echo.tokens, ...choice.tokens]) : null,
})

const bytesOf = (text: string): number[] => [...Buffer.from(text)]

/** `logprobs` of a chat message. */
export const chatLogProbs = (tokens: readonly NamedToken[]) => ({
  content: tokens.map(({ text, logProb, top }) => ({
    token: text,
    logprob: logProb,
    bytes: bytesOf(text),
    top_logprobs: top.map(t => ({ token: t.text, logprob: t.logProb, bytes: bytesOf(t.text) })),
  })),
  refusal: null,
})

export const chatChoice = (choice: Choice, index: number, withLogProbs: boolean) => ({
  index,
  message: { role: 'assistant', content: choice.text, refusal: null },
  finish_reason: choice.finish,
  logprobs: withLogProbs ? chatLogProbs(choice.tokens) : null,
})

export const completionDelta = (delta: Delta, index: number, withLogProbs: boolean) => ({
  index,
  text: delta.text,
  finish_reason: null,
  logprobs: withLogProbs ? completionLogProbs(delta.tokens) : null,
})

export const chatDelta = (delta: Delta, index: number, withLogProbs: boolean) => ({
  index,
  delta: { content: delta.text },
  finish_reason: null,
  logprobs: withLogProbs ? chatLogProbs(delta.tokens) : null,
})
