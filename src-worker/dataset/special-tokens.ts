// Special tokens once: what a text brings with it, a tokenizer's post-processor does not write a second time.
import type { Tokenizer } from './tokenizer'

export interface Encoded {
  readonly ids: readonly number[]
  /** what was done otherwise than the post-processor does, for the data report */
  readonly changes: readonly string[]
  /** tokens at the text's beginning that the post-processor writes, too: they stand once */
  readonly shared: number
}

export const changes = {
  secondStart: 'a second start token was left out',
  secondEnd: 'a second end token was left out',
} as const

/** Of a text's own tokens, how many begin it as the post-processor begins every text. */
const beginning = (own: readonly number[], lead: readonly number[]): number => {
  const differs = lead.findIndex((id, i) => own[i] !== id)
  return differs < 0 ? lead.length : differs
}

const endsWith = (own: readonly number[], tail: readonly number[]): boolean =>
  tail.length > 0 && tail.every((id, i) => own[own.length - tail.length + i] === id)

/**
 * Ids with the post-processor's tokens, each once.
 * @param ids as the tokenizer encodes a text with its special tokens: lead, the text's own, tail
 * @param part document: with the tokenizer's end, if it writes one; prompt: without, so that it can be gone on from
 */
export function once(
  ids: readonly number[],
  { affixes: { lead, tail } }: Pick<Tokenizer, 'affixes'>,
  part: 'document' | 'prompt',
): Encoded {
  const own = ids.slice(lead.length, ids.length - tail.length)
  const shared = beginning(own, lead)
  const isTwice = part === 'document' && endsWith(own.slice(shared), tail)
  const kept = own.slice(shared, isTwice ? -tail.length : undefined)
  const found = [
    ...(shared > 0 ? [changes.secondStart] : []),
    ...(isTwice ? [changes.secondEnd] : []),
  ]
  const end = part === 'document' ? tail : []
  return { ids: [...lead, ...kept, ...end], changes: found, shared }
}

/** A text's ids: with the post-processor's tokens, each once, or without any. */
export const encodedOnce = async (
  tokenizer: Tokenizer,
  text: string,
  special: boolean,
  part: 'document' | 'prompt' = 'prompt',
): Promise<Encoded> =>
  special
    ? once(await tokenizer.encode(text), tokenizer, part)
    : { ids: await tokenizer.encode(text, { special }), changes: [], shared: 0 }

/** Where each of these ids ends in the text, in code points; 0: it is none of the text's. */
export async function endsOnce(
  tokenizer: Tokenizer,
  text: string,
  special: boolean,
  encoded: Encoded,
): Promise<readonly number[]> {
  const all = await tokenizer.ends(text, { special })
  const lead = special ? tokenizer.affixes.lead.length : 0
  const { shared } = encoded
  // those of the text that stand once are the last of the lead
  return [...all.slice(0, lead - shared), ...all.slice(lead)]
}

/** A prompt's ids: the start token once, no end token, so that it can be gone on from. */
export const promptIds = async (tokenizer: Tokenizer, text: string): Promise<readonly number[]> =>
  (await encodedOnce(tokenizer, text, true)).ids

export const promptIdsOf = async (
  tokenizer: Tokenizer,
  texts: readonly string[],
): Promise<readonly (readonly number[])[]> =>
  (await tokenizer.encodeBatch(texts)).map(ids => once(ids, tokenizer, 'prompt').ids)
