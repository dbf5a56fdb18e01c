// One game of chess as plain data: where it started, what was played, how it was called off.
// Everything else (position, turn, result) is read from these by chess.js. No DOM, no engine.
import { Chess, DEFAULT_POSITION, type Move, type Square, validateFen } from 'chess.js'
import { Fault } from '../../src-worker/contract/fault'
import { playText } from './chess-reading'

export type Colour = 'w' | 'b'

export interface Ply {
  /** from, to and promotion letter, for instance e7e8q */
  readonly uci: string
  readonly san: string
  readonly colour: Colour
}

/** How the players ended a game that the board had not ended. */
export type Ending =
  | { readonly kind: 'none' }
  | { readonly kind: 'resigned'; readonly by: Colour }
  | { readonly kind: 'agreed' }

export interface Game {
  readonly start: string
  readonly plies: readonly Ply[]
  readonly ending: Ending
}

export type Result =
  | { readonly kind: 'playing' }
  | {
      readonly kind: 'over'
      readonly score: '1-0' | '0-1' | '1/2-1/2'
      readonly reason:
        | 'mate'
        | 'stalemate'
        | 'threefold'
        | 'fifty'
        | 'material'
        | 'resigned'
        | 'agreed'
    }

export const startPosition = DEFAULT_POSITION
export const newGame = (start: string = startPosition): Game => ({
  start,
  plies: [],
  ending: { kind: 'none' },
})

/** A game that starts from a position. Faults: usage, with what is wrong in the FEN. */
export function gameFromFen(fen: string): Game {
  const fields = fen.trim().split(/\s+/)
  // many programs leave the two counters out
  const text = [...fields, ...(fields.length === 4 ? ['0', '1'] : [])].join(' ')
  const { ok, error = 'unreadable' } = validateFen(text)
  if (!ok)
    throw new Fault(
      'usage',
      `This is not a position: ${error.replace('Invalid FEN: ', '').replace(/\.$/, '')}.`,
      'Paste a FEN of six fields, for instance the one of a lichess board.',
    )
  const chess = new Chess(text)
  const [king] = chess.findPiece({ type: 'k', color: other(chess.turn()) })
  if (king !== undefined && chess.isAttacked(king, chess.turn()))
    throw new Fault(
      'usage',
      `This is not a position: the king on ${king} is in check, and the other side is to move.`,
      'Change the side to move, the second field of the FEN.',
    )
  return newGame(chess.fen())
}

// Replaying costs 0.2 ms a half-move, so the newest position of a game keeps its board (a memo, not
// a state).
const boards = new WeakMap<Game['plies'], Chess>()

/** The board after the plies, to be read only. */
export function boardOf(game: Game): Chess {
  const known = boards.get(game.plies)
  if (known !== undefined) return known
  const chess = new Chess(game.start)
  for (const ply of game.plies) chess.move(ply.uci)
  boards.set(game.plies, chess)
  return chess
}

export const fenOf = (game: Game): string => boardOf(game).fen()
export const turnOf = (game: Game): Colour => boardOf(game).turn()
export const other = (colour: Colour): Colour => (colour === 'w' ? 'b' : 'w')

const plyOf = (move: Move): Ply => ({ uci: move.lan, san: move.san, colour: move.color })

/**
 * Play SAN or UCI text (a lower-case piece is read as one unless it names a file). Faults: usage,
 * with the legal moves when there are few.
 */
export function play(game: Game, text: string): Game {
  if (resultOf(game).kind === 'over')
    throw new Fault('usage', 'The game is over.', 'Take back, or start a new game.')
  const chess = boardOf(game)
  const move = playText(chess, text)
  if (move === null) throw new Fault('usage', illegal(chess, text), 'Type ? for the commands.')
  const plies = [...game.plies, plyOf(move)]
  // the board has moved on: it is the new game's now, the old one would be replayed
  boards.delete(game.plies)
  boards.set(plies, chess)
  return { ...game, plies }
}

function illegal(chess: Chess, text: string): string {
  const legal = chess.moves()
  const few =
    legal.length <= 6 ? ` Legal: ${legal.join(', ')}.` : ` ${legal.length} moves are legal.`
  return `${text.trim() || 'Nothing'} is not a legal move here.${few}`
}

/** Without the last `count` plies, and without a resignation or agreed draw. */
export const takeBack = (game: Game, count: number): Game => ({
  ...game,
  plies: game.plies.slice(0, Math.max(0, game.plies.length - count)),
  ending: { kind: 'none' },
})

/** Half-moves on or back through a game, from those that are shown; null: all of them. */
export function stepped({ plies }: Game, viewed: number | null, by: number): number | null {
  const at = Math.max(0, Math.min(plies.length, (viewed ?? plies.length) + by))
  return at === plies.length ? null : at
}

export const resign = (game: Game, by: Colour): Game => ({
  ...game,
  ending: { kind: 'resigned', by },
})
export const agreeDraw = (game: Game): Game => ({ ...game, ending: { kind: 'agreed' } })

/** Mate first: a mating hundredth half-move wins. */
export function resultOf(game: Game): Result {
  if (game.ending.kind === 'resigned')
    return { kind: 'over', score: game.ending.by === 'w' ? '0-1' : '1-0', reason: 'resigned' }
  if (game.ending.kind === 'agreed') return { kind: 'over', score: '1/2-1/2', reason: 'agreed' }
  const chess = boardOf(game)
  if (chess.isCheckmate())
    return { kind: 'over', score: chess.turn() === 'w' ? '0-1' : '1-0', reason: 'mate' }
  const draw = (reason: 'stalemate' | 'threefold' | 'fifty' | 'material'): Result => ({
    kind: 'over',
    score: '1/2-1/2',
    reason,
  })
  if (chess.isStalemate()) return draw('stalemate')
  if (chess.isInsufficientMaterial()) return draw('material')
  if (chess.isThreefoldRepetition()) return draw('threefold')
  if (chess.isDrawByFiftyMoves()) return draw('fifty')
  return { kind: 'playing' }
}

const reasons: Readonly<Record<string, string>> = {
  stalemate: 'stalemate',
  threefold: 'the same position three times',
  fifty: 'fifty moves without a capture or pawn move',
  material: 'too little material to mate',
  agreed: 'agreement',
}

/** A result as a sentence, or an empty string while it is played. */
export function resultText(result: Result): string {
  if (result.kind === 'playing') return ''
  if (result.score === '1/2-1/2') return `Draw by ${reasons[result.reason] ?? result.reason}.`
  const winner = result.score === '1-0' ? 'White' : 'Black'
  const loser = result.score === '1-0' ? 'Black' : 'White'
  return result.reason === 'mate'
    ? `Checkmate. ${winner} wins.`
    : `${loser} resigned. ${winner} wins.`
}

/** Legal moves, of one square or all. */
export function legalMoves(game: Game, square?: string): readonly Ply[] {
  const chess = boardOf(game)
  const moves =
    square === undefined
      ? chess.moves({ verbose: true })
      : chess.moves({ verbose: true, square: square as Square })
  return moves.map(plyOf)
}

export const uciMoves = (game: Game): string[] => game.plies.map(ply => ply.uci)

export interface MoveRow {
  readonly number: number
  readonly white: string
  readonly black: string
}

/** Plies as numbered rows; a game that starts with Black leaves White's first cell empty. */
export function moveRows(game: Game): readonly MoveRow[] {
  const [, turn, , , , number] = game.start.split(' ')
  const cells = turn === 'b' ? ['…', ...game.plies.map(p => p.san)] : game.plies.map(p => p.san)
  const rows: MoveRow[] = []
  for (let i = 0; i < cells.length; i += 2)
    rows.push({
      number: Number(number ?? 1) + i / 2,
      white: cells[i] ?? '',
      black: cells[i + 1] ?? '',
    })
  return rows
}
