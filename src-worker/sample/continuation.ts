// What a model wrote behind a prompt, as text.
import type { Tokenizer } from '../dataset/tokenizer'

/** Continuations of the prompt's ids as text; decoded together with them, so that no space is lost. */
export async function continuationText(
  tokenizer: Pick<Tokenizer, 'decode'>,
  ids: readonly number[],
  written: readonly number[],
): Promise<string> {
  const options = { skipSpecial: true }
  const [before, whole] = await Promise.all([
    tokenizer.decode(ids, options),
    tokenizer.decode([...ids, ...written], options),
  ])
  return whole.startsWith(before) ? whole.slice(before.length) : tokenizer.decode(written, options)
}
