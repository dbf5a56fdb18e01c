// Letters of a walk among the tokens of a vocabulary. A letter's probability is that of every token that begins with it.
import type { Rng } from '../../stream/rng'
import { type MoveLetter, moveLetters } from './boards'

/** Probabilities of the letters, and of any other text. */
export type LetterProbabilities = Readonly<Record<MoveLetter | 'other', number>>

/** Which letter each token of the vocabulary begins with, at the first move and later. */
export interface LetterTable {
  readonly first: readonly (MoveLetter | undefined)[]
  readonly later: readonly (MoveLetter | undefined)[]
}

const isLetter = (text: string): text is MoveLetter => moveLetters.includes(text as MoveLetter)

export function letterTable(texts: readonly string[], spaces: boolean): LetterTable {
  const begins = (text: string): MoveLetter | undefined => {
    // with blanks between moves a longer word is no move; without, one token may be several moves
    const form = spaces ? /^[NESWDU]$/ : /^[NESWDU]+$/
    const letter = text.charAt(0)
    return form.test(text) && isLetter(letter) ? letter : undefined
  }
  return {
    // some tokenizers put a blank before the first word of a text
    first: texts.map(text => begins(text.replace(/^ /, ''))),
    later: texts.map(text =>
      spaces ? (text.startsWith(' ') ? begins(text.slice(1)) : undefined) : begins(text),
    ),
  }
}

const noLetters = (): Record<MoveLetter | 'other', number> => ({
  N: 0,
  E: 0,
  S: 0,
  W: 0,
  D: 0,
  U: 0,
  other: 0,
})

export function lettersFrom(
  logProbs: Float32Array,
  table: readonly (MoveLetter | undefined)[],
): LetterProbabilities {
  const found = noLetters()
  let sum = 0
  for (const [id, letter] of table.entries()) {
    if (letter === undefined) continue
    const p = Math.exp(logProbs[id] ?? Number.NEGATIVE_INFINITY)
    found[letter] += p
    sum += p
  }
  found.other = Math.max(0, 1 - sum)
  return found
}

export function chooseLetter(
  probabilities: LetterProbabilities,
  allowed: readonly (MoveLetter | 'other')[],
  temperature: number,
  random: Rng,
): MoveLetter | 'other' {
  const byChance = [...allowed].sort((a, b) => probabilities[b] - probabilities[a])
  if (temperature === 0) return byChance[0]!
  const weights = byChance.map(letter => probabilities[letter] ** (1 / temperature))
  let left = random.uniform() * weights.reduce((a, b) => a + b, 0)
  for (const [i, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return byChance[i]!
  }
  return byChance[0]!
}

/** The most probable token that is no move. */
export function textOfOther(
  logProbs: Float32Array,
  letters: readonly (MoveLetter | undefined)[],
  texts: readonly string[],
): string {
  let best = -1
  for (let id = 0; id < texts.length; id++)
    if (letters[id] === undefined && (best < 0 || logProbs[id]! > logProbs[best]!)) best = id
  return texts[best] ?? ''
}
