// SAN → packed move. A packed move has 16 bits: from (6) | to (6) | promotion (3: 0 none, else the kind),
// squares rank·8 + file with a1 = 0, so a game costs two bytes a ply and its UCI text is two table look-ups.
import { castle, isSafe, originsOf, type Position, pieces, play, type Square } from './pgn-board'

export type PackedMove = number
/** Why a token of the movetext is not a move of this position. */
export type SanFailure = 'illegal-move' | 'ambiguous-move' | 'null-move' | 'bad-san'
const failures = ['illegal-move', 'ambiguous-move', 'null-move', 'bad-san'] as const
const illegal = -1
const ambiguous = -2
const nullMove = -3
const badSan = -4

/** The failure that a negative answer of `playSan` stands for. */
export const failureOf = (code: number): SanFailure => failures[-code - 1]!

const kinds = new Map<number, number>(
  [
    ['N', pieces.knight],
    ['B', pieces.bishop],
    ['R', pieces.rook],
    ['Q', pieces.queen],
    ['K', pieces.king],
  ].map(([letter, kind]) => [(letter as string).charCodeAt(0), kind as number]),
)

const isFile = (code: number): boolean => code >= 97 && code <= 104
const isRank = (code: number): boolean => code >= 49 && code <= 56
/** x, - or : between the squares of a move */
const isJoint = (code: number): boolean => code === 120 || code === 45 || code === 58
const squareAt = (san: string, at: number): Square =>
  ((san.charCodeAt(at + 1) - 49) << 4) | (san.charCodeAt(at) - 97)
const to64 = (square: Square): number => ((square >> 4) << 3) | (square & 7)
const pack = (from: Square, to: Square, promotion: number): PackedMove =>
  to64(from) | (to64(to) << 6) | (promotion << 12)

const squareNames = Array.from(
  { length: 64 },
  (_, i) => String.fromCharCode(97 + (i & 7)) + String((i >> 3) + 1),
)
const pairNames = Array.from(
  { length: 4096 },
  (_, i) => squareNames[i & 63]! + squareNames[i >> 6]!,
)
const promotionNames = ['', '', 'n', 'b', 'r', 'q']

/** UCI text of a packed move, for instance e7e8q. */
export const uciOf = (move: PackedMove): string =>
  pairNames[move & 4095]! + promotionNames[move >> 12]!

/** UCI moves joined by spaces: the text of a training sample. */
export function uciText(moves: ArrayLike<PackedMove>): string {
  let text = ''
  for (let i = 0; i < moves.length; i++) text += (i === 0 ? '' : ' ') + uciOf(moves[i]!)
  return text
}

// the one scratch list of origins: filled and read within one call
const origins: Square[] = []

function playPiece(p: Position, kind: number, to: Square, file: number, rank: number): number {
  if (p.board[to]! * p.turn > 0) return illegal
  originsOf(p, kind, to, origins)
  let from = -1
  for (const s of origins) {
    if (file >= 0 && (s & 7) !== file) continue
    if (rank >= 0 && s >> 4 !== rank) continue
    if (!isSafe(p, s, to)) continue
    if (from >= 0) return ambiguous
    from = s
  }
  if (from < 0) return illegal
  play(p, from, to, 0)
  return pack(from, to, 0)
}

/** Origin of a pawn move; the file is known for captures, and long forms (e2e4) name it for pushes too. */
function pawnOrigin(p: Position, to: Square, file: number): Square {
  const { board, turn } = p
  const back = turn * 16
  const own = turn * pieces.pawn
  if (file >= 0 && file !== (to & 7)) {
    const from = to - back + file - (to & 7)
    const takes = board[to]! * turn < 0 || to === p.enPassant
    return Math.abs(file - (to & 7)) === 1 && takes && board[from] === own ? from : -1
  }
  if (board[to] !== 0) return -1
  if (board[to - back] === own) return to - back
  const isDouble = to >> 4 === (turn > 0 ? 3 : 4) && board[to - back] === 0
  return isDouble && board[to - 2 * back] === own ? to - 2 * back : -1
}

function playPawn(p: Position, to: Square, file: number, rank: number, promotion: number): number {
  const last = p.turn > 0 ? 7 : 0
  const first = p.turn > 0 ? 0 : 7
  if (to >> 4 === first || (to >> 4 === last) !== promotion > 0) return illegal
  const from = pawnOrigin(p, to, file)
  if (from < 0 || (rank >= 0 && from >> 4 !== rank) || !isSafe(p, from, to)) return illegal
  play(p, from, to, promotion)
  return pack(from, to, promotion)
}

function playCastle(p: Position, short: boolean): number {
  const home = p.turn > 0 ? 4 : 116
  return castle(p, short) ? pack(home, home + (short ? 2 : -2), 0) : illegal
}

/** Length of the token without e.p., checks, mates and comments such as !? */
function strippedEnd(san: string): number {
  let end = san.endsWith('p.') || san.endsWith('ep') ? san.search(/(?:e\.p\.|ep)$/) : san.length
  if (end < 0) end = san.length
  while (end > 0) {
    const c = san.charCodeAt(end - 1)
    if (c !== 43 && c !== 35 && c !== 33 && c !== 63) break
    end--
  }
  return end
}

const isSquare = (san: string, at: number): boolean =>
  isFile(san.charCodeAt(at)) && isRank(san.charCodeAt(at + 1))

/** Where the second square of "g1f3" or "g1-f3" begins, as engines write moves; 0: it is no such move. */
function secondSquare(san: string, end: number): number {
  if (end < 4 || end > 6 || !isSquare(san, 0)) return 0
  const at = isJoint(san.charCodeAt(2)) ? 3 : 2
  return isSquare(san, at) && end - at <= 3 ? at : 0
}

/** A move of a piece, as its two squares; a pawn's SAN may have the same form. */
function playSquares(p: Position, from: Square, to: Square): number {
  const kind = p.board[from]! * p.turn
  if (kind <= 0) return illegal
  const steps = Math.abs(to - from)
  if (kind === pieces.king && (from & 7) === 4 && steps === 2) return playCastle(p, to > from)
  return playPiece(p, kind, to, from & 7, from >> 4)
}

/**
 * Play one SAN token. Answers the packed move, or a negative code (`failureOf`) and leaves the position alone.
 * Accepts what PGN files hold: unneeded disambiguation, 0-0, e:d5, exd6e.p., promotion with =, / or nothing, UCI.
 */
export function playSan(p: Position, san: string): number {
  let end = strippedEnd(san)
  const first = san.charCodeAt(0)
  const second = secondSquare(san, end)
  if (second > 0 && p.board[squareAt(san, 0)] !== p.turn * pieces.pawn)
    return end === second + 2 ? playSquares(p, squareAt(san, 0), squareAt(san, second)) : illegal
  if (first === 79 || first === 48 || first === 111) {
    const body = san.slice(0, end).replaceAll('0', 'O').replaceAll('o', 'O')
    return body === 'O-O' ? playCastle(p, true) : body === 'O-O-O' ? playCastle(p, false) : badSan
  }
  if (first === 45 || first === 90) return nullMove
  const kind = kinds.get(first) ?? pieces.pawn
  let promotion = 0
  if (kind === pieces.pawn && end >= 3 && !isRank(san.charCodeAt(end - 1))) {
    promotion = kinds.get(san.charCodeAt(end - 1) & ~32) ?? 0
    if (promotion === 0 || promotion === pieces.king) return badSan
    const sign = san.charCodeAt(end - 2)
    end -= sign === 61 || sign === 47 ? 2 : 1
  }
  const toFile = san.charCodeAt(end - 2)
  const toRank = san.charCodeAt(end - 1)
  if (end < 2 || !isFile(toFile) || !isRank(toRank)) return badSan
  let file = -1
  let rank = -1
  for (let i = kind === pieces.pawn ? 0 : 1; i < end - 2; i++) {
    const c = san.charCodeAt(i)
    if (isFile(c)) file = c - 97
    else if (isRank(c)) rank = c - 49
    else if (!isJoint(c)) return badSan
  }
  const to = squareAt(san, end - 2)
  if (kind === pieces.pawn) return playPawn(p, to, file, rank, promotion)
  return playPiece(p, kind, to, file, rank)
}
