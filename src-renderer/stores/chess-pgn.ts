// A game to and from PGN. Our headers hold what is needed to get the same answers again:
// SnapshotId, WhiteElo, BlackElo, Seed, Temperature. Comments are not read.
import { Chess } from 'chess.js'
import { Fault } from '../../src-worker/contract/fault'
import { type Game, gameFromFen, newGame, type Result, resultOf, startPosition } from './chess-game'
import { commonPlies, numbered } from './chess-lines'
import { playText } from './chess-reading'

export type Headers = Readonly<Record<string, string>>

const roster = ['Event', 'Site', 'Date', 'Round', 'White', 'Black', 'Result']

const terminations: Readonly<Record<string, string>> = {
  mate: 'Normal, checkmate',
  resigned: 'Normal, resignation',
  agreed: 'Normal, draw agreed',
  stalemate: 'Normal, stalemate',
  threefold: 'Normal, threefold repetition',
  fifty: 'Normal, fifty-move rule',
  material: 'Normal, insufficient material',
}

// The standard escapes quotes and backslashes by a backslash; a line break would end the header.
const escaped = (value: string): string =>
  value.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, c => `\\${c}`)

/** Moves and, behind the move that they replace, variations; wrapped at 80 characters as the standard asks. */
function movetext(game: Game, score: string, others: readonly Game[]): string {
  const asides = others.map(line => ({ line, from: commonPlies(game, line) }))
  const moves = numbered(game, 0)
  const words = moves.flatMap((move, i) => {
    const own = asides.filter(({ from }) => from === i)
    const texts = own.map(({ line, from }) => `(${numbered(line, from).join(' ')})`)
    // behind a variation the number is said again
    const resumed = i > 0 && asides.some(({ from }) => from === i - 1)
    const word = resumed ? (numbered(game, i)[0] ?? move) : move
    return [word, ...texts].flatMap(text => text.split(/(?<!\d\.) /))
  })
  let line = ''
  const lines: string[] = []
  for (const word of [...words, score]) {
    if (line.length + word.length >= 80) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}

const scoreOf = (result: Result): string => (result.kind === 'over' ? result.score : '*')

/** PGN of a game and its variations; `headers` are added to the seven of the roster and may replace them. */
export function toPgn(game: Game, headers: Headers, others: readonly Game[] = []): string {
  const result = resultOf(game)
  const all: Record<string, string> = {
    Event: 'Soft Prompt Workbench',
    Site: '?',
    Date: '????.??.??',
    Round: '-',
    White: '?',
    Black: '?',
    ...headers,
    Result: scoreOf(result),
  }
  if (game.start !== startPosition) Object.assign(all, { SetUp: '1', FEN: game.start })
  if (result.kind === 'over') all.Termination = terminations[result.reason] ?? 'Normal'
  const names = [...roster, ...Object.keys(all).filter(name => !roster.includes(name))]
  const lines = names.map(name => `[${name} "${escaped(all[name] ?? '')}"]`)
  return `${lines.join('\n')}\n\n${movetext(game, scoreOf(result), others)}\n`
}

const readHeaders = (text: string): Headers => {
  const found: Record<string, string> = {}
  for (const [, name, value] of text.matchAll(/^\s*\[(\w+)\s+"((?:[^"\\]|\\.)*)"\]/gm))
    if (name !== undefined) found[name] = (value ?? '').replace(/\\(.)/g, '$1')
  return found
}

/** Moves and parentheses of variations; comments, annotations, move numbers and results are taken out. */
function sanTokens(text: string): readonly string[] {
  const words = text
    .replace(/^\s*\[[^\n]*\]\s*$/gm, '')
    .replace(/^%.*$/gm, '')
    // whichever comment begins first holds the sign of the other
    .replace(/\{[^}]*\}|;[^\n]*/g, ' ')
    .replace(/[()]/g, ' $& ')
    .replace(/\$\d+/g, ' ')
    .replace(/\d+[.…]+/g, ' ')
    .split(/\s+/)
  return words.filter(word => word !== '' && !/^(1-0|0-1|1\/2-1\/2|\*|e\.p\.)$/.test(word))
}

export interface ReadGame {
  readonly game: Game
  readonly headers: Headers
  /** variations of the game, and of variations, each from the first move on */
  readonly others: readonly Game[]
  /** variations that end in what is no move there: they are left out */
  readonly unread: number
}

/** Reads the moves of one game, with the variations between them. */
class MoveReader {
  readonly others: Game['plies'][] = []
  unread = 0
  private readonly chess: Chess
  private readonly words: readonly string[]
  private at = 0

  constructor(chess: Chess, words: readonly string[]) {
    this.chess = chess
    this.words = words
  }

  /**
   * A line until its closing parenthesis, or the end of the text. The board is left after its last move.
   * @param before half-moves on the board
   * @param depth 0: the game; else of a variation in it
   * @returns the half-moves from the first on, and the word that is no move where there is one
   */
  line(
    before: Game['plies'],
    depth = 0,
  ): { readonly plies: Game['plies']; readonly wrong: string | null } {
    const plies = [...before]
    for (; this.at < this.words.length; this.at++) {
      const word = this.words[this.at] ?? ''
      if (word === ')' && depth > 0) break
      if (word === '(') this.variation(plies, depth + 1)
      else {
        const move = playText(this.chess, word)
        if (move === null) return { plies, wrong: word }
        plies.push({ uci: move.lan, san: move.san, colour: move.color })
      }
    }
    return { plies, wrong: null }
  }

  /** What was played instead of the last move; the board is afterwards as it was. */
  private variation(plies: Game['plies'], depth: number): void {
    const last = this.chess.undo()
    const before = plies.slice(0, -1)
    this.at++
    const { plies: own, wrong } = this.line(before, depth)
    if (wrong !== null) this.skip()
    if (wrong !== null || last === null) this.unread += 1
    else if (own.length > before.length) this.others.push(own)
    for (let n = own.length; n > before.length; n--) this.chess.undo()
    if (last !== null) this.chess.move(last.san)
  }

  /** To the end of a variation, with all that stands in it. */
  private skip(): void {
    for (let depth = 1; this.at < this.words.length; this.at++) {
      const word = this.words[this.at]
      if (word === '(') depth++
      if (word === ')' && --depth === 0) return
    }
  }
}

/**
 * The first game of a PGN text, with its variations. Faults: usage, with the number and words of the move of the game
 * that does not fit; a variation that does not fit is counted.
 */
export function fromPgn(text: string): ReadGame {
  const games = text
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n\s*\n(?=\s*\[)/)
  const first = games[0] ?? ''
  const headers = readHeaders(first)
  const chess = startBoard(headers.FEN)
  const start = chess.fen()
  const reader = new MoveReader(chess, sanTokens(first))
  const { plies, wrong } = reader.line([])
  if (wrong !== null)
    throw new Fault(
      'usage',
      `Half-move ${plies.length + 1} of the PGN, ${wrong}, is not legal there.`,
      'Check the text, or paste a FEN of the position instead.',
    )
  if (plies.length === 0 && headers.FEN === undefined)
    throw new Fault('usage', 'There are no moves in this text.', 'Paste the moves of one game.')
  const others = reader.others.map(own => ({ ...newGame(start), plies: own }))
  const game = withEnding({ ...newGame(start), plies }, headers.Result)
  return { game, headers, others, unread: reader.unread }
}

/** A FEN or the first game of a PGN. Faults: those of gameFromFen and fromPgn. */
export function readGame(text: string): ReadGame {
  const isFen = /^\s*([pnbrqk1-8]+\/){7}/i.test(text)
  return isFen ? { game: gameFromFen(text), headers: {}, others: [], unread: 0 } : fromPgn(text)
}

function startBoard(fen: string | undefined): Chess {
  try {
    return new Chess(fen)
  } catch (cause) {
    throw new Fault(
      'usage',
      `The FEN header is not a position: ${fen}.`,
      'Correct or drop the header.',
      {
        cause,
      },
    )
  }
}

/** A result that the board does not show was agreed or resigned. */
function withEnding(game: Game, score: string | undefined): Game {
  if (resultOf(game).kind === 'over') return game
  if (score === '1-0') return { ...game, ending: { kind: 'resigned', by: 'b' } }
  if (score === '0-1') return { ...game, ending: { kind: 'resigned', by: 'w' } }
  if (score === '1/2-1/2') return { ...game, ending: { kind: 'agreed' } }
  return game
}
