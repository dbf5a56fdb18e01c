// Movetext → packed moves: comments, NAGs, variations, move numbers and results are passed over.
// One game is a string here; what makes a game of a file is pgn-games.ts's work.
import { startPosition } from './pgn-board'
import { failureOf, type PackedMove, playSan, type SanFailure } from './pgn-san'

export type MovetextFailure =
  | SanFailure
  | 'unclosed-comment'
  | 'unclosed-variation'
  | 'too-long'
  | 'not-from-the-start'

/** Longest game read; the rules of chess allow more, but such files are junk. */
export const longestGame = 2400

export type Movetext =
  | {
      readonly kind: 'moves'
      readonly moves: readonly PackedMove[]
      /** by a result */
      readonly ended: boolean
      /** moves follow the result */
      readonly behind: boolean
    }
  | { readonly kind: 'failed'; readonly why: MovetextFailure; readonly ply: number }

/** Where the variation that opens at `at` closes, comments and nested ones respected, or −1. */
function variationEnd(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 123) {
      i = text.indexOf('}', i)
      if (i < 0) return -1
    } else if (c === 59) i = lineEnd(text, i)
    else if (c === 40) depth++
    else if (c === 41 && --depth === 0) return i
  }
  return -1
}

/** The index of the end of the line at `at`, or of the last character. */
const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length - 1 : end
}

/** The index after what opens at `at` ({, ;, ( or whitespace), or −1 if it never closes. */
function skipped(text: string, at: number): number {
  const c = text.charCodeAt(at)
  if (c === 123) return text.indexOf('}', at) + 1 || -1
  if (c === 59) return lineEnd(text, at) + 1
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

const results = new Set([
  ...['1-0', '0-1', '1/2-1/2', '*', '½-½', '1/2', '½'],
  ...['1:0', '0:1', '1/2:1/2', '½:½', '+-', '-+', '+:-', '-:+'],
])
// 'Nf3 N' and 'D' are Informant's words for a novelty and a diagram
const words = new Set(['e.p.', 'N', 'D', 'TN'])

/** A line that begins with % is for programs, not for readers (PGN standard, 6); within a comment it is text. */
const withoutEscapes = (text: string): string =>
  text.startsWith('%') || text.includes('\n%')
    ? text.replace(/\{[^}]*\}|(^|\n)%[^\n]*/g, (all, start?: string) => start ?? all)
    : text

/** Chessmen of Unicode, white then black, as their last byte in UTF-8 (e2 99 94 is the white king). */
const figurines = 'KQRBN KQRBN'

/** Movetext is read as Latin-1, whichever a file is: these are the signs beyond ASCII that moves and results have. */
const inAscii = (text: string): string =>
  /[\x80-\xff]/.test(text)
    ? text
        .replace(/â\x99([\x94-\x9f])/g, (_, last: string) =>
          (figurines[last.charCodeAt(0) - 0x94] ?? '').trim(),
        )
        .replace(/â\x80[\x90-\x95]|â\x88\x92/g, '-')
        .replaceAll('â\x80¦', '...')
        .replaceAll('Â½', '½')
        .replace(/Â?\xa0|â\x80[\x80-\x8b\xaf]|ï»¿|ã\x80\x80/g, ' ')
        // dashes of Windows-1252
        .replace(/([01½])[\x96\x97](?=[01½])/g, '$1-')
    : text

/** "1 - 0": a result with blanks. */
const withoutBlanks = (text: string): string =>
  text.includes(' - ') ? text.replace(/(1\/2|½|[01]) - (1\/2|½|[01])(?=\s|$)/, '$1-$2') : text

/** "0-0" at the end of a game is castling where that is possible, else both sides have lost. */
const endsWith = (token: string, rest: string): boolean => token === '0-0' && rest.trim() === ''

/** Judgements of a position that hang on a move: +-, =, +/=, ±; checks, ! and ? are a move's own. */
const judgement = /[+#!?]*[-=/\x80-\xff][-+=/#!?\x80-\xff]*$/

/** "e4$1", "e4+-": the move without the annotations that hang on it. */
function withoutAnnotations(token: string): string {
  const at = token.indexOf('$')
  const move = at < 0 ? token : token.slice(0, at)
  // letters and digits end nearly every move
  return /[\w.]$/.test(move) || !/^\w/.test(move) ? move : move.replace(judgement, '')
}

/** "23." or "1..." before the first move: a part of a game, whose position nobody knows. */
const beginsLater = (token: string): boolean => /^(?:[2-9]|1\d|1\.\.)\d*\./.test(token)

/** An annotation without letters: ±, +=, $14, ⩲; of moves only the null move has none. */
const isSign = (san: string): boolean => !/[a-zA-Z0-9@]/.test(san) && !/^--$/.test(san)

/** All moves of the main line, played from the start position. */
export function readMovetext(written: string): Movetext {
  const text = withoutBlanks(inAscii(withoutEscapes(written)))
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
    if (results.has(token)) return ending(moves, text.slice(end))
    if (moves.length === 0 && beginsLater(token)) return failedAt(moves, 'not-from-the-start')
    const san = withoutNumber(withoutAnnotations(token))
    if (san === '') continue
    const move = playSan(position, san)
    if (move < 0 && (words.has(san) || isSign(san))) continue
    if (move < 0 && endsWith(token, text.slice(end))) return ending(moves, '')
    if (move < 0) return failedAt(moves, failureOf(move))
    if (moves.length === longestGame) return failedAt(moves, 'too-long')
    moves.push(move)
  }
  return { kind: 'moves', moves, ended: false, behind: false }
}

/** Whether what follows a result is more than remarks: the moves of another game, without headers of its own. */
function ending(moves: readonly PackedMove[], rest: string): Movetext {
  const behind = /[a-hKQRBNO]/.test(rest.replace(/\{[^}]*\}|;[^\n]*|\[[^\n]*/g, ''))
  return { kind: 'moves', moves, ended: true, behind }
}

const failedAt = (moves: readonly PackedMove[], why: MovetextFailure): Movetext => ({
  kind: 'failed',
  why,
  ply: moves.length + 1,
})
