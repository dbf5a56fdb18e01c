// The one order of answers to "how many tokens does it need": sentences, tables, the matrix and its shades all use it.
// An answer is a range of tokens: exactly 3.8, up to 4 (≤ 4), or more than 64 (> 64). Of two ranges that overlap,
// neither is nearer.

/** TokensNeeded of analysis.ts, as far as it is ordered. */
export type Answer =
  | {
      readonly kind: 'reached' | 'reached-by-first' | 'not-reached' | 'more-than'
      readonly tokens: number
    }
  | { readonly kind: 'unknown' }

export type AnswerOrder = 'nearer' | 'farther' | 'same' | 'not comparable'

/** low … high tokens; `above`: more than low, not low itself. */
interface Range {
  readonly low: number
  readonly high: number
  readonly above: boolean
}

function rangeOf(answer: Answer): Range | undefined {
  switch (answer.kind) {
    case 'reached':
      return { low: answer.tokens, high: answer.tokens, above: false }
    case 'reached-by-first':
      return { low: 0, high: answer.tokens, above: answer.tokens > 0 }
    case 'not-reached':
    case 'more-than':
      return { low: answer.tokens, high: Number.POSITIVE_INFINITY, above: true }
    case 'unknown':
      return undefined
  }
}

const endsBefore = (a: Range, b: Range): boolean => a.high < b.low || (a.high === b.low && b.above)

/** How the first answer stands to the second. Two that say the same are the same, though neither may be a number. */
export function compareAnswers(first: Answer, second: Answer): AnswerOrder {
  const [a, b] = [rangeOf(first), rangeOf(second)]
  if (a === undefined || b === undefined) return 'not comparable'
  if (endsBefore(a, b)) return 'nearer'
  if (endsBefore(b, a)) return 'farther'
  return a.low === b.low && a.high === b.high ? 'same' : 'not comparable'
}

/**
 * Where an answer is drawn or listed: log₂ of its tokens; > 64 stands one doubling beyond 64; no token at all at −∞;
 * null: unknown. Whatever is nearer has a smaller place. What cannot be compared has places, too, which claim nothing.
 */
export function placeOf(answer: Answer): number | null {
  switch (answer.kind) {
    case 'reached':
    case 'reached-by-first':
      return Math.log2(answer.tokens)
    case 'not-reached':
    case 'more-than':
      return Math.log2(Math.max(1, answer.tokens)) + 1
    case 'unknown':
      return null
  }
}

/** For lists: nearest first, what is unknown last. */
export function nearestFirst(first: Answer, second: Answer): number {
  const [a, b] = [first, second].map(answer => placeOf(answer) ?? Number.POSITIVE_INFINITY)
  return a === b ? 0 : (a ?? 0) < (b ?? 0) ? -1 : 1
}

/** Shades: 0 nearest … 1 farthest of these, even on log tokens; no token at all is one doubling below one token or the least. */
export function shadesOf(answers: readonly Answer[]): readonly (number | null)[] {
  const places = answers.map(placeOf)
  const finite = places.filter(place => place !== null && Number.isFinite(place)) as number[]
  const least = Math.min(...finite, 0)
  const heights = places.map(place => (place === null ? null : Math.max(place, least - 1)))
  const known = heights.filter(height => height !== null)
  const low = Math.min(...known)
  const span = Math.max(...known) - low || 1
  return heights.map(height => (height === null ? null : (height - low) / span))
}
