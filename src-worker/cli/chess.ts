// spw chess, chess play, uci: the prompted model at the board.

import { createInterface } from 'node:readline'
import type { Chess } from 'chess.js'
import type { Command } from 'commander'
import { z } from 'zod'
import { chess as behaviour } from '../behaviours/chess/index'
import { openBoard } from '../behaviours/chess/position'
import type { WorkbenchApi } from '../contract/api'
import { type ChessAnswer, type ChessRequest, chessRequestSchema } from '../contract/playground'
import { percent } from '../shared/percent'
import { writeAtomically } from '../weights/atomic'
import { withWorkbench } from './engine'
import { numberFrom, parsedFlags, promptedModelOf } from './parsed-options'
import { action, type Terminal, table } from './terminal'
import { addUciCommand } from './uci'

interface Options {
  readonly snapshot?: string
  readonly model?: string
  readonly whiteElo: string
  readonly blackElo: string
  readonly moves?: string
  readonly fen?: string
  readonly top: string
  readonly choose: string
  readonly temperature: string
  readonly topP: string
  readonly seed: string
  readonly startToken?: boolean
  readonly colour?: string
  readonly pgn?: string
}

function requestOf(options: Options): ChessRequest {
  return parsedFlags(chessRequestSchema, {
    request: 'moves',
    promptedModel: promptedModelOf(options),
    fen: options.fen ?? '',
    moves: (options.moves ?? '').split(/[\s,]+/).filter(m => m !== ''),
    whiteElo: numberFrom('white-elo', options.whiteElo),
    blackElo: numberFrom('black-elo', options.blackElo),
    choose: options.choose,
    temperature: numberFrom('temperature', options.temperature),
    topP: numberFrom('top-p', options.topP),
    seed: numberFrom('seed', options.seed),
  })
}

function answerText(answer: ChessAnswer, top: number): string {
  const rows = answer.moves.slice(0, top).map(m => [m.san, m.uci, percent(m.probability, 1)])
  return [
    table(rows, ['move', 'uci', 'probability']),
    `${answer.moves.length} legal moves · ${percent(answer.illegalMass, 1)} of its text would be illegal`,
    ...(answer.surpriseBits === null
      ? []
      : [`the last move surprised it by ${answer.surpriseBits.toFixed(2)} bits`]),
    ...(answer.chosen === null ? [] : [`it plays ${answer.chosen}`]),
  ].join('\n')
}

/** No position has more than 218 legal moves. */
const topSchema = z.object({ top: z.int().min(1).max(218) })
const colourSchema = z.object({ colour: z.enum(['white', 'black']) })

async function chessCommand(terminal: Terminal, options: Options): Promise<number> {
  const request = requestOf(options)
  const { top } = parsedFlags(topSchema, { top: numberFrom('top', options.top) })
  const answer = await withWorkbench(({ api }) => api.chess(request))
  terminal.answer({ ...answer, moves: answer.moves.slice(0, top) }, answerText(answer, top))
  return 0
}

interface Game {
  readonly board: Chess
  readonly request: ChessRequest
  readonly api: WorkbenchApi
  readonly terminal: Terminal
  readonly human: 'w' | 'b'
}

const uciMoves = (board: Chess): string[] =>
  board.history({ verbose: true }).map(m => m.from + m.to + (m.promotion ?? ''))

async function modelMove({ board, request, api, terminal }: Game): Promise<void> {
  const choose = request.choose === 'none' ? 'temperature' : request.choose
  const answer = await api.chess({ ...request, moves: uciMoves(board), choose })
  const move = answer.chosen ?? answer.moves[0]?.uci
  if (move === undefined) return
  const { san } = board.move({
    from: move.slice(0, 2),
    to: move.slice(2, 4),
    promotion: move.slice(4),
  })
  terminal.say(`${san}   (${percent(answer.moves.find(m => m.uci === move)?.probability ?? 0, 1)})`)
}

function humanMove(board: Chess, text: string): boolean {
  // chess.js plays -- as a move of neither side, which no game has
  if (text === '--') return false
  try {
    const uci = /^([a-h][1-8])([a-h][1-8])([qrbn])?$/.exec(text)
    if (uci === null) board.move(text)
    else board.move({ from: uci[1] as string, to: uci[2] as string, promotion: uci[3] ?? 'q' })
    return true
  } catch {
    return false
  }
}

const help = 'a move (Nf3, g1f3) · takeback · board · moves · pgn · resign · quit'

/** Answers a word typed by the player; false: the game is left. */
function command(game: Game, text: string): boolean | undefined {
  const { board, terminal } = game
  if (text === 'resign') board.setHeader('Result', game.human === 'w' ? '0-1' : '1-0')
  if (text === 'quit' || text === 'resign') return false
  if (text === 'help' || text === '?') terminal.say(help)
  else if (text === 'board') terminal.say(board.ascii())
  else if (text === 'moves') terminal.say(board.moves().join(' '))
  else if (text === 'pgn') terminal.say(board.pgn())
  else if (text === 'takeback') {
    board.undo()
    board.undo()
    terminal.say(board.ascii())
  } else return undefined
  return true
}

function headers(game: Game): void {
  const { board, request, human } = game
  const model = request.promptedModel.snapshot || request.promptedModel.model
  board.setHeader('Event', 'Soft Prompt Workbench')
  board.setHeader('White', human === 'w' ? 'Human' : model)
  board.setHeader('Black', human === 'b' ? 'Human' : model)
  board.setHeader('WhiteElo', String(request.whiteElo))
  board.setHeader('BlackElo', String(request.blackElo))
  board.setHeader('Seed', String(request.seed))
}

async function playGame(game: Game): Promise<void> {
  const { board, terminal } = game
  const reader = createInterface({ input: process.stdin })
  terminal.say(`${board.ascii()}\n${help}`)
  try {
    await playMoves(game, reader[Symbol.asyncIterator]())
  } finally {
    // an open standard input would keep the process when the model cannot play
    reader.close()
  }
  if (board.isGameOver()) board.setHeader('Result', resultOf(board))
  terminal.say(board.isGameOver() ? `the game is over: ${resultOf(board)}` : 'left')
}

/** Until the game is over, left, or the input ends. */
async function playMoves(game: Game, lines: AsyncIterator<string>): Promise<void> {
  const { board, terminal, human } = game
  while (!board.isGameOver()) {
    if (board.turn() !== human) {
      await modelMove(game)
      continue
    }
    process.stderr.write('> ')
    const { value, done } = await lines.next()
    if (done === true) return
    const text = String(value).trim()
    const answered = command(game, text)
    if (answered === false) return
    if (answered === undefined && !humanMove(board, text))
      terminal.say(`${text} is no legal move; ? for help`)
  }
}

const resultOf = (board: Chess): string =>
  board.isCheckmate() ? (board.turn() === 'w' ? '0-1' : '1-0') : '1/2-1/2'

async function playCommand(terminal: Terminal, options: Options): Promise<number> {
  const request = requestOf(options)
  const board = openBoard(request.fen)
  const { colour } = parsedFlags(colourSchema, { colour: options.colour })
  const human = colour === 'black' ? 'b' : 'w'
  await withWorkbench(({ api }) => playGame({ board, request, api, terminal, human }))
  headers({ board, request, human } as Game)
  const pgn = board.pgn()
  // reported before it is written: a file that cannot be written must not cost the game
  terminal.answer({ pgn, moves: uciMoves(board) }, pgn)
  if (options.pgn !== undefined) await writeAtomically(options.pgn, `${pgn}\n`)
  return 0
}

function addOptions(command: Command): Command {
  return command
    .option('--snapshot <path>', 'snapshot, checkpoint or .pt; default: the bare model')
    .option('--model <folder>', "model; default: the snapshot's")
    .option('--start-token', "put the tokenizer's start token first")
    .option('--white-elo <n>', "White's Elo", '1500')
    .option('--black-elo <n>', "Black's Elo", '1500')
    .option('--fen <fen>', 'start position')
    .option('--temperature <t>', 'temperature of the choice', '1')
    .option('--top-p <p>', 'for --choose top-p', '0.9')
    .option('--seed <n>', 'seed of the choice', '0')
}

export function addChessCommands(program: Command): void {
  const chess = addOptions(
    program.command(behaviour.kind).description('how probable the model finds every legal move'),
  )
    .option('--moves <moves>', 'UCI moves so far')
    .option('--top <n>', 'moves shown', '5')
    .option('--choose <how>', 'none, argmax, temperature, top-p or raw', 'none')
    .action(action(chessCommand))
  addOptions(chess.command('play').description('play against it in the terminal'))
    .option('--colour <colour>', 'yours: white or black', 'white')
    .option('--choose <how>', 'argmax, temperature, top-p or raw', 'temperature')
    .option('--pgn <file>', 'write the game here')
    .action(action(playCommand))
  addUciCommand(program)
}
