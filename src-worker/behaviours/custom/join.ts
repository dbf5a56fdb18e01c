// Prompt and completion meet exactly as written; where a word begins right behind the prompt a blank may be missing.
import type { Labelled } from './labels'

export const noBlank =
  'the completion begins with a letter right behind the prompt, without white space: where a blank belongs there, use --separator " "'

/** Scripts that put no white space between words. */
const unspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Of a pair as it is trained on, separator included. */
export function joinCaution({ prompt, completion }: Labelled): string | undefined {
  const meet = prompt !== '' && !/\s$/.test(prompt) && /^\p{L}/u.test(completion)
  return meet && !unspaced.test(completion) ? noBlank : undefined
}
