// Movetext → packed moves: comments, NAGs, variations, move numbers and results are passed over.
// One game is a string here; what makes a game of a file is pgn-games.ts's work.
import { startPosition } from './pgn-board'
import { failureOf, type PackedMove, playSan, type SanFailure } from './pgn-san'

export type MovetextFailure = SanFailure | 'unclosed-comment' | 'unclosed-variation' | 'too-long'

/** Longest game read; the rules of chess allow more, but such files are junk. */
export const longestGame = 2400

export type Movetext =
  | { readonly kind: 'moves'; readonly moves: readonly PackedMove[]; readonly ended: boolean }
  | { readonly kind: 'failed'; readonly why: MovetextFailure; readonly ply: number }

/** Where the variation that opens at `at` closes, comments and nested ones respected, or −1. */
function variationEnd(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 123) {
      i = text.indexOf('}', i)
      if (i < 0) return -1
    } else if (c === 40) depth++
    else if (c === 41 && --depth === 0) return i
  }
  return -1
}

/** The index after what opens at `at` ({, ;, ( or whitespace), or −1 if it never closes. */
function skipped(text: string, at: number): number {
  const c = text.charCodeAt(at)
  if (c === 123) return text.indexOf('}', at) + 1 || -1
  if (c === 59) return text.indexOf('\n', at) + 1 || text.length
  if (c === 40) return variationEnd(text, at) + 1 || -1
  return at + 1
}

const isBreak = (c: number): boolean => c <= 32 || c === 123 || c === 59 || c === 40 || c === 125
const isDigit = (c: number): boolean => c >= 48 && c <= 57

/** The token without its move number ("12.", "12...", "12.e4"). Empty: it was only a number. */
function withoutNumber(token: string): string {
  let i = 0
  while (i < token.length && isDigit(token.charCodeAt(i))) i++
  if (i > 0 && i < token.length && token.charCodeAt(i) !== 46) return token
  while (i < token.length && token.charCodeAt(i) === 46) i++
  return i === 0 ? token : token.slice(i)
}

// movetext is read as Latin-1, whichever a file is: ½ of UTF-8 comes as two characters
const results = new Set(['1-0', '0-1', '1/2-1/2', '*', '½-½', 'Â½-Â½'])

/** A line that begins with % is for programs, not for readers (PGN standard, 6). */
const withoutEscapes = (text: string): string =>
  text.startsWith('%') || text.includes('\n%') ? text.replace(/(^|\n)%[^\n]*/g, '$1') : text

/** "e4$1": the move without the annotations that hang on it. */
const withoutAnnotations = (token: string): string => {
  const at = token.indexOf('$')
  return at < 0 ? token : token.slice(0, at)
}

/** All moves of the main line, played from the start position. */
export function readMovetext(written: string): Movetext {
  const text = withoutEscapes(written)
  const position = startPosition()
  const moves: PackedMove[] = []
  let i = 0
  while (i < text.length) {
    const c = text.charCodeAt(i)
    if (isBreak(c)) {
      const next = skipped(text, i)
      if (next < 0) return failedAt(moves, c === 123 ? 'unclosed-comment' : 'unclosed-variation')
      i = next
      continue
    }
    let end = i + 1
    while (end < text.length && !isBreak(text.charCodeAt(end))) end++
    const token = text.slice(i, end)
    i = end
    if (results.has(token)) return { kind: 'moves', moves, ended: true }
    const san = withoutNumber(withoutAnnotations(token))
    if (san === '' || san === 'e.p.') continue
    const move = playSan(position, san)
    if (move < 0) return failedAt(moves, failureOf(move))
    if (moves.length === longestGame) return failedAt(moves, 'too-long')
    moves.push(move)
  }
  return { kind: 'moves', moves, ended: false }
}

const failedAt = (moves: readonly PackedMove[], why: MovetextFailure): Movetext => ({
  kind: 'failed',
  why,
  ply: moves.length + 1,
})
