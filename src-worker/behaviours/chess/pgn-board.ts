// A chess position just large enough to turn SAN into UCI: mailbox board, castling rights, en passant square.
// Everything a player sees (FEN, move lists, ends of games) is chess.js's; this one exists because a training
// set has millions of games and chess.js reads 283 a second. tests/behaviours/chess holds it against chess.js.

/** 0x88 squares: rank·16 + file, a1 = 0; (square & 0x88) ≠ 0 is off the board. */
export type Square = number

export const pieces = { pawn: 1, knight: 2, bishop: 3, rook: 4, queen: 5, king: 6 } as const
const { pawn, knight, bishop, rook, queen, king } = pieces

/** Bits of the rights: white short 1, white long 2, black short 4, black long 8. */
export interface Position {
  /** [128]: 0 empty, white pieces positive, black negative */
  readonly board: Int8Array
  /** 1: white to move, −1: black */
  turn: 1 | -1
  rights: number
  /** square behind a pawn that has just gone two steps, or −1 */
  enPassant: Square
  whiteKing: Square
  blackKing: Square
}

const knightSteps = [31, 33, 14, 18, -31, -33, -14, -18]
const rookSteps = [16, -16, 1, -1]
const bishopSteps = [15, 17, -15, -17]
const kingSteps = [...rookSteps, ...bishopSteps]
const backRank = [rook, knight, bishop, queen, king, bishop, knight, rook]

/** The start of a game. */
export function startPosition(): Position {
  const board = new Int8Array(128)
  for (let file = 0; file < 8; file++) {
    const piece = backRank[file]!
    board[file] = piece
    board[16 + file] = pawn
    board[96 + file] = -pawn
    board[112 + file] = -piece
  }
  return { board, turn: 1, rights: 15, enPassant: -1, whiteKing: 4, blackKing: 116 }
}

/** Whether a ray from `square` meets a slider of `side` that moves along it. */
function rayHits(board: Int8Array, square: Square, steps: number[], slider: number): boolean {
  const sign = slider > 0 ? 1 : -1
  for (const step of steps) {
    for (let s = square + step; (s & 0x88) === 0; s += step) {
      const piece = board[s]!
      if (piece === 0) continue
      if (piece === slider || piece === sign * queen) return true
      break
    }
  }
  return false
}

function stepHits(board: Int8Array, square: Square, steps: number[], piece: number): boolean {
  for (const step of steps) {
    const s = square + step
    if ((s & 0x88) === 0 && board[s] === piece) return true
  }
  return false
}

/** Whether any piece of `side` attacks the square. */
export function isAttacked(board: Int8Array, square: Square, side: 1 | -1): boolean {
  for (const step of [side * -15, side * -17]) {
    const s = square + step
    if ((s & 0x88) === 0 && board[s] === side * pawn) return true
  }
  return (
    stepHits(board, square, knightSteps, side * knight) ||
    stepHits(board, square, kingSteps, side * king) ||
    rayHits(board, square, rookSteps, side * rook) ||
    rayHits(board, square, bishopSteps, side * bishop)
  )
}

const sliderSteps = (kind: number): number[] =>
  kind === bishop ? bishopSteps : kind === rook ? rookSteps : kingSteps

/** Squares from which a piece (no pawn) of the side to move reaches `to`, own king not considered. */
export function originsOf(p: Position, kind: number, to: Square, found: Square[]): void {
  found.length = 0
  const piece = p.turn * kind
  const jumps = kind === knight || kind === king
  for (const step of kind === knight ? knightSteps : sliderSteps(kind)) {
    for (let s = to + step; (s & 0x88) === 0; s += step) {
      const there = p.board[s]!
      if (there === piece) found.push(s)
      if (there !== 0 || jumps) break
    }
  }
}

/** Rights that a move from or to this square ends. */
function rightsLost(square: Square): number {
  if (square === 4) return 3
  if (square === 116) return 12
  return square === 7 ? 1 : square === 0 ? 2 : square === 119 ? 4 : square === 112 ? 8 : 0
}

/** Whether the side to move keeps its king out of attack by going from → to. The board is left as it was. */
export function isSafe(p: Position, from: Square, to: Square): boolean {
  const { board, turn } = p
  const moved = board[from]!
  const taken = board[to]!
  const passed = moved === turn * pawn && to === p.enPassant ? to - turn * 16 : -1
  const passedPawn = passed < 0 ? 0 : board[passed]!
  if (passed >= 0) board[passed] = 0
  board[from] = 0
  board[to] = moved
  const own = moved === turn * king ? to : turn > 0 ? p.whiteKing : p.blackKing
  const attacked = isAttacked(board, own, turn > 0 ? -1 : 1)
  board[from] = moved
  board[to] = taken
  if (passed >= 0) board[passed] = passedPawn
  return !attacked
}

/** Play a legal move that is not castling. @param promotion kind of the new piece, or 0 */
export function play(p: Position, from: Square, to: Square, promotion: number): void {
  const { board, turn } = p
  const moved = board[from]!
  const isPawn = moved === turn * pawn
  if (isPawn && to === p.enPassant) board[to - turn * 16] = 0
  board[from] = 0
  board[to] = promotion === 0 ? moved : turn * promotion
  if (moved === turn * king) {
    if (turn > 0) p.whiteKing = to
    else p.blackKing = to
  }
  p.rights &= ~(rightsLost(from) | rightsLost(to))
  p.enPassant = isPawn && Math.abs(to - from) === 32 ? (from + to) / 2 : -1
  p.turn = turn > 0 ? -1 : 1
}

/** Castle if that is legal; false (and nothing done) if not. */
export function castle(p: Position, short: boolean): boolean {
  const { board, turn } = p
  const home = turn > 0 ? 4 : 116
  const right = (short ? 1 : 2) << (turn > 0 ? 0 : 2)
  if ((p.rights & right) === 0) return false
  const direction = short ? 1 : -1
  const corner = short ? home + 3 : home - 4
  for (let s = home + direction; s !== corner; s += direction) if (board[s] !== 0) return false
  const enemy = turn > 0 ? -1 : 1
  for (let i = 0; i <= 2; i++) if (isAttacked(board, home + i * direction, enemy)) return false
  board[home + direction] = board[corner]!
  board[corner] = 0
  play(p, home, home + 2 * direction, 0)
  return true
}
