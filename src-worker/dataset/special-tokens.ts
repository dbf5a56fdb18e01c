// Special tokens once: what a text brings with it, a tokenizer's post-processor does not write a second time.
import type { Tokenizer } from './tokenizer'

export interface Encoded {
  readonly ids: readonly number[]
  /** what was done otherwise than the post-processor does, for the data report */
  readonly changes: readonly string[]
}

export const changes = {
  secondStart: 'a second start token was left out',
  secondEnd: 'a second end token was left out',
} as const

const beginsWith = (ids: readonly number[], head: readonly number[]): boolean =>
  head.every((id, i) => ids[i] === id)
const endsWith = (ids: readonly number[], tail: readonly number[]): boolean =>
  tail.every((id, i) => ids[ids.length - tail.length + i] === id)

/**
 * Ids with the post-processor's tokens, each once.
 * @param ids as the tokenizer encodes a text with its special tokens
 * @param part document: with the tokenizer's end, if it writes one; prompt: without, so that it can be gone on from
 */
export function once(
  ids: readonly number[],
  { affixes: { lead, tail } }: Pick<Tokenizer, 'affixes'>,
  part: 'document' | 'prompt',
): Encoded {
  const found: string[] = []
  let kept = ids
  if (lead.length > 0 && beginsWith(kept, [...lead, ...lead])) {
    kept = kept.slice(lead.length)
    found.push(changes.secondStart)
  }
  if (tail.length > 0 && endsWith(kept, part === 'prompt' ? tail : [...tail, ...tail])) {
    kept = kept.slice(0, -tail.length)
    if (part === 'document') found.push(changes.secondEnd)
  }
  return { ids: kept, changes: found }
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
    : { ids: await tokenizer.encode(text, { special }), changes: [] }

/** Where each of these ids ends in the text, in code points; 0: it is none of the text's. */
export async function endsOnce(
  tokenizer: Tokenizer,
  text: string,
  special: boolean,
  encoded: Encoded,
): Promise<readonly number[]> {
  const all = await tokenizer.ends(text, { special })
  const isCut = encoded.changes.includes(changes.secondStart)
  return isCut ? all.slice(tokenizer.affixes.lead.length) : all
}

/** A prompt's ids: the start token once, no end token, so that it can be gone on from. */
export const promptIds = async (tokenizer: Tokenizer, text: string): Promise<readonly number[]> =>
  (await encodedOnce(tokenizer, text, true)).ids

export const promptIdsOf = async (
  tokenizer: Tokenizer,
  texts: readonly string[],
): Promise<readonly (readonly number[])[]> =>
  (await tokenizer.encodeBatch(texts)).map(ids => once(ids, tokenizer, 'prompt').ids)
