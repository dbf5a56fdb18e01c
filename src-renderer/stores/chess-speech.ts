// Moves and positions as words, for the live region and for the commands of the move box.
import type { PieceSymbol, Square } from 'chess.js'
import { capitalised } from '../../src-worker/shared/names'
import { boardOf, type Game, legalMoves, type Ply, resultOf, resultText } from './chess-game'

const names: Readonly<Record<PieceSymbol, string>> = {
  k: 'king',
  q: 'queen',
  r: 'rook',
  b: 'bishop',
  n: 'knight',
  p: 'pawn',
}
const colours = { w: 'White', b: 'Black' } as const

/** Nxf3+ → "Knight takes f3, check". */
export function sayMove(san: string): string {
  const ending = san.endsWith('#') ? ', checkmate' : san.endsWith('+') ? ', check' : ''
  const body = san.replace(/[+#]$/, '')
  if (body === 'O-O') return `castles king-side${ending}`
  if (body === 'O-O-O') return `castles queen-side${ending}`
  const match = /^([KQRBN])?([a-h]?[1-8]?)(x?)([a-h][1-8])(?:=([QRBN]))?$/.exec(body)
  if (match === null) return san
  const [, piece, from, takes, to, promotion] = match
  const name = names[(piece?.toLowerCase() ?? 'p') as PieceSymbol]
  const words = [
    capitalised(name),
    from ? `from ${from}` : '',
    takes ? 'takes' : '',
    to,
    promotion ? `becomes a ${names[promotion.toLowerCase() as PieceSymbol]}` : '',
  ]
  return words.filter(word => word).join(' ') + ending
}

export const sayPly = (ply: Ply): string => `${colours[ply.colour]}: ${sayMove(ply.san)}`

const lastMove = (game: Game): string => {
  const ply = game.plies.at(-1)
  return ply === undefined ? 'Nothing was played yet.' : sayPly(ply)
}

const isPiece = (letter: string): letter is PieceSymbol => letter in names

/** `p N`: where White's and Black's knights stand. */
function whereStand(game: Game, letter: string): string {
  const type = letter.toLowerCase()
  if (!isPiece(type)) return `${letter} is not a piece: K, Q, R, B, N or P.`
  const chess = boardOf(game)
  const parts = (['w', 'b'] as const).map(color => {
    const squares = chess.findPiece({ color, type }).sort()
    return `${colours[color]} ${names[type]}: ${squares.join(', ') || 'none'}`
  })
  return parts.join('. ')
}

/** `s e`, `s 4`, `s e4`: what stands on a file, a rank or a square. */
function whatStands(game: Game, where: string): string {
  const chess = boardOf(game)
  const files = /^[a-h]/.test(where) ? [where.charAt(0)] : [...'abcdefgh']
  const rank = /[1-8]$/.exec(where)?.[0]
  if (!/^([a-h][1-8]?|[1-8])$/.test(where)) return `${where} is not a file, a rank or a square.`
  const ranks = rank === undefined ? [...'12345678'] : [rank]
  const found = files.flatMap(file =>
    ranks.flatMap(r => {
      const piece = chess.get(`${file}${r}` as Square)
      return piece ? [`${file}${r} ${colours[piece.color]} ${names[piece.type]}`] : []
    }),
  )
  return found.length > 0 ? found.join(', ') : `${where} is empty.`
}

function sayLegal(game: Game, square: string): string {
  const moves = legalMoves(game, square === '' ? undefined : square)
  if (moves.length === 0) return square ? `Nothing on ${square} can move.` : 'No legal moves.'
  return `${moves.length} legal: ${moves.map(m => m.san).join(', ')}`
}

export function sayState(game: Game): string {
  const result = resultOf(game)
  if (result.kind === 'over') return resultText(result)
  const chess = boardOf(game)
  return `${colours[chess.turn()]} to move${chess.isCheck() ? ', in check' : ''}.`
}

export const helpText =
  'A move: Nf3, exd5, O-O or g1f3. l: last move. p N: where the knights stand. s e, s 4, s e4: what ' +
  'stands there. m or m e2: legal moves. t: whose turn. back, flip, hint, draw, resign, new.'

export type Action = 'back' | 'flip' | 'hint' | 'draw' | 'resign' | 'new'
const actions: readonly Action[] = ['back', 'flip', 'hint', 'draw', 'resign', 'new']
const isAction = (text: string): text is Action => (actions as readonly string[]).includes(text)

/**
 * What a line of the move box asks for. Squares and pieces are answered at once; a move is left to the
 * caller.
 */
export type Command =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'do'; readonly action: Action }
  | { readonly kind: 'move'; readonly text: string }

export function readCommand(game: Game, line: string): Command {
  const text = line.trim()
  const [word = '', argument = ''] = text.split(/\s+/)
  const say = (words: string): Command => ({ kind: 'say', text: words })
  if (text === '' || text === '?') return say(helpText)
  if (isAction(word.toLowerCase())) return { kind: 'do', action: word.toLowerCase() as Action }
  if (text === 'l') return say(lastMove(game))
  if (text === 't') return say(sayState(game))
  if (text === 'p') return say('Name a piece as well, for instance p N.')
  if (text === 's') return say('Name a file, a rank or a square as well, for instance s e4.')
  if (word === 'p' && argument) return say(whereStand(game, argument))
  if (word === 's' && argument) return say(whatStands(game, argument.toLowerCase()))
  if (word === 'm') return say(sayLegal(game, argument.toLowerCase()))
  return { kind: 'move', text }
}
