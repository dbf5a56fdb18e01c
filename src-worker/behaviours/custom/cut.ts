// A labelled record that is longer than a sample: what is cut, at which end, and of which part.

import type { PreparedRecord } from '../../stream/example'
import type { Labelled, Span } from './labels'

export const cuts = {
  prompt: 'the prompt lost its beginning',
  completion: 'the completion lost its end',
  rest: 'what follows the last answer was left out',
} as const

/** A completion that lost its end cannot be matched. */
export const isWhole = ({ changes }: Labelled): boolean => !changes.includes(cuts.completion)

/**
 * At most `length` tokens. A prompt loses its beginning (a first start token stays, else its last token), so that all
 * labels are kept. Where the labels are too many by themselves they lose their end, and the prompt keeps up to half of
 * the sample.
 */
export function cutTo(labelled: Labelled, length: number, bos: number | undefined): Labelled {
  const { ids, spans, start } = labelled
  if (ids.length <= length) return labelled
  const firstLabel = spans[0]?.[0] ?? 0
  const lead = ids[0] === bos && firstLabel > 0 ? 1 : 0
  const [prompt, rest] = [firstLabel - lead, ids.length - firstLabel]
  // the first label is predicted from the token before it, whatever stands for a soft prompt
  const least = lead === 0 && firstLabel > 0 ? 1 : 0
  const fits = lead + least + rest <= length
  const room = fits ? length - lead - rest : Math.max(least, Math.floor((length - lead) / 2))
  const drop = prompt - Math.min(prompt, room)
  const moved = (i: number): number => Math.min(length, Math.max(Math.min(i, lead), i - drop))
  const lost = (spans.at(-1)?.[1] ?? 0) - drop > length
  const changed = [
    ...(drop > 0 ? [cuts.prompt] : []),
    ...(lost ? [cuts.completion] : ids.length - drop > length ? [cuts.rest] : []),
  ]
  return {
    ...labelled,
    ids: [...ids.slice(0, lead), ...ids.slice(lead + drop)].slice(0, length),
    spans: spans.map(([from, to]): Span => [moved(from), moved(to)]).filter(([a, b]) => b > a),
    start: start === undefined ? undefined : moved(start),
    changes: [...labelled.changes, ...changed],
  }
}

/**
 * As an example for training and tests.
 * @param isJoined prompt and completion of a person meet in it
 */
export function toExample(
  labelled: Labelled,
  conditions: Float32Array,
  isJoined: boolean,
): PreparedRecord {
  const { ids, spans, start, changes } = labelled
  const warning = isJoined ? joinWarning(labelled) : undefined
  const mask = new Uint8Array(ids.length)
  for (const [from, to] of spans) mask.fill(1, from, to)
  if (!mask.includes(1)) return { skipped: 'no label fits into a sample' }
  return {
    ids: Int32Array.from(ids),
    conditions,
    labelled: mask,
    ...(start === undefined ? {} : { start }),
    ...(changes.length > 0 ? { changes } : {}),
    ...(warning === undefined ? {} : { warning }),
  }
}

// Prompt and completion meet exactly as written; where a word begins right behind the prompt a blank may be missing.

export const noBlank =
  'the completion begins with a letter right behind the prompt, without white space: where a blank belongs there, use --separator " " (Separator in the form)'

/** Scripts that put no white space between words. */
const unspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Of a pair as it is trained on, separator included. */
export function joinWarning({ prompt, completion }: Labelled): string | undefined {
  const meet = prompt !== '' && !/\s$/.test(prompt) && /^\p{L}/u.test(completion)
  return meet && !unspaced.test(completion) ? noBlank : undefined
}
