// A game to and from PGN. Our headers hold what is needed to get the same answers again:
// SnapshotId, WhiteElo, BlackElo, Seed, Temperature. Comments and variations are not read.
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

/** Take comments, variations, annotations and move numbers out; what is left are the moves. */
function sanTokens(text: string): readonly string[] {
  let body = text.replace(/^\s*\[[^\n]*\]\s*$/gm, '').replace(/^%.*$/gm, '')
  // whichever comment begins first holds the sign of the other
  body = body.replace(/\{[^}]*\}|;[^\n]*/g, ' ')
  for (let before = ''; before !== body; ) {
    before = body
    body = body.replace(/\([^()]*\)/g, ' ')
  }
  const words = body
    .replace(/\$\d+/g, ' ')
    .replace(/\d+[.…]+/g, ' ')
    .split(/\s+/)
  return words.filter(word => word !== '' && !/^(1-0|0-1|1\/2-1\/2|\*|e\.p\.)$/.test(word))
}

/**
 * The first game of a PGN text. Faults: usage, with the number and words of the move that does not
 * fit.
 */
export function fromPgn(text: string): { readonly game: Game; readonly headers: Headers } {
  const games = text
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n\s*\n(?=\s*\[)/)
  const first = games[0] ?? ''
  const headers = readHeaders(first)
  const chess = startBoard(headers.FEN)
  const start = chess.fen()
  const plies: Game['plies'][number][] = []
  for (const san of sanTokens(first)) {
    const move = playText(chess, san)
    if (move === null)
      throw new Fault(
        'usage',
        `Half-move ${plies.length + 1} of the PGN, ${san}, is not legal there.`,
        'Check the text, or paste a FEN of the position instead.',
      )
    plies.push({ uci: move.lan, san: move.san, colour: move.color })
  }
  if (plies.length === 0 && headers.FEN === undefined)
    throw new Fault('usage', 'There are no moves in this text.', 'Paste the moves of one game.')
  return { game: withEnding({ ...newGame(start), plies }, headers.Result), headers }
}

/** A FEN or the first game of a PGN. Faults: those of gameFromFen and fromPgn. */
export function readGame(text: string): { readonly game: Game; readonly headers: Headers } {
  const isFen = /^\s*([pnbrqk1-8]+\/){7}/i.test(text)
  return isFen ? { game: gameFromFen(text), headers: {} } : fromPgn(text)
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
