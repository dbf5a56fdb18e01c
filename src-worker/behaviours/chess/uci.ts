// The prompted model as a UCI engine: lines in, lines out. It answers every line or says why not, and goes
// on; every bestmove is legal. It does not search: a move is one look at the distribution over the legal moves.
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { asFault } from '../../contract/fault'
import { rng } from '../../stream/rng'
import { type ChessQuery, chooseMove, type MoveDistribution, type ScoredMove } from './moves'
import { openBoard, openSituation, playUci, type Situation } from './position'
import { optionLines, ownElo, type UciOptions, uciDefaults, withOption } from './uci-options'

/** Anything that can say how probable each legal move is. */
export interface MoveSource {
  distribution(query: ChessQuery): Promise<MoveDistribution>
}

export interface UciSetup {
  readonly input: Readable
  readonly output: Writable
  readonly player: MoveSource
  /** for the GUI, for instance `workbench-demo-base, 16 tokens` */
  readonly name: string
  readonly options?: Partial<UciOptions>
}

/** A `go` that waits for `stop` or `ponderhit` before its bestmove may be sent. */
interface Search {
  release(): void
  readonly done: Promise<void>
}

interface State {
  options: UciOptions
  /** undefined: the last position command could not be understood */
  situation: Situation | undefined
  search: Search | undefined
  /** games before this one: with a temperature each has draws of its own */
  games: number
  /** a move was asked for in this game */
  played: boolean
}

const nullMove = '0000'

/** `position startpos|fen … [moves …]`. Moves up to the first illegal one are kept. */
function readPosition(words: readonly string[]): { situation?: Situation; problem?: string } {
  const at = words.indexOf('moves')
  const place = words.slice(0, at < 0 ? words.length : at)
  const moves = at < 0 ? [] : words.slice(at + 1)
  if (place[0] !== 'startpos' && place[0] !== 'fen') return { problem: 'no startpos and no fen' }
  const fen = place[0] === 'fen' ? place.slice(1).join(' ') : ''
  try {
    const board = openBoard(fen)
    const bad = moves.findIndex(move => !playUci(board, move))
    const situation = { fen, moves: bad < 0 ? moves : moves.slice(0, bad) }
    return bad < 0 ? { situation } : { situation, problem: `illegal move ${moves[bad]}` }
  } catch (error) {
    return { problem: asFault(error).message }
  }
}

/** Moves named behind `searchmoves`, which alone may be chosen. */
function searchMoves(words: readonly string[]): ReadonlySet<string> | undefined {
  const at = words.indexOf('searchmoves')
  if (at < 0) return undefined
  const rest = words.slice(at + 1)
  const end = rest.findIndex(word => !/^[a-h][1-8][a-h][1-8][nbrq]?$/.test(word))
  return new Set(end < 0 ? rest : rest.slice(0, end))
}

function infoLines(moves: readonly ScoredMove[], options: UciOptions, time: number): string[] {
  return moves.slice(0, options.multiPv).flatMap(({ uci, probability }, i) => {
    const rank = options.multiPv > 1 ? ` multipv ${i + 1}` : ''
    const numbers = `nodes ${moves.length} time ${Math.round(time)}`
    return [
      `info depth 1${rank} ${numbers} pv ${uci}`,
      `info string multipv ${i + 1} ${uci} probability ${probability.toFixed(6)}`,
    ]
  })
}

/** The lines of one `go`, `bestmove` last. Never throws. */
async function think(
  player: MoveSource,
  situation: Situation,
  options: UciOptions,
  only: ReadonlySet<string> | undefined,
): Promise<string[]> {
  const { legal, turn } = openSituation(situation)
  const first = legal.find(move => only?.has(move.uci)) ?? legal[0]
  if (first === undefined) return [`bestmove ${nullMove}`]
  const [own, other] = [ownElo(options), options.opponentElo]
  const elos =
    turn === 'w' ? { whiteElo: own, blackElo: other } : { whiteElo: other, blackElo: own }
  const start = performance.now()
  try {
    const { moves, illegalMass } = await player.distribution({ ...situation, ...elos })
    const allowed = moves.filter(move => only === undefined || only.has(move.uci))
    const candidates = allowed.length > 0 ? allowed : moves
    const random = rng(options.seed, `ply ${situation.moves.length}`)
    const rule = { kind: 'temperature', temperature: options.temperature } as const
    const chosen = chooseMove(candidates, rule, random)
    return [
      ...infoLines(candidates, options, performance.now() - start),
      `info string white ${elos.whiteElo} black ${elos.blackElo} illegal ${illegalMass.toFixed(6)}`,
      `bestmove ${chosen.uci}`,
    ]
  } catch (error) {
    // a game must go on: a legal move, and the reason why it is not the model's
    return [`info string error ${oneLine(asFault(error).message)}`, `bestmove ${first.uci}`]
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

type Send = (...lines: readonly string[]) => void

/** Start one move; the answer comes as lines. */
function go(words: readonly string[], state: State, player: MoveSource, send: Send): void {
  const { situation, options, games, search: before } = state
  state.played = true
  if (situation === undefined) {
    send('info string no position', `bestmove ${nullMove}`)
    return
  }
  let release: () => void = () => {}
  const waits = words.includes('infinite') || words.includes('ponder')
  const released = new Promise<void>(resolve => {
    release = resolve
    if (!waits) resolve()
  })
  const answer = async (): Promise<void> => {
    // a GUI must not send a second go; one that does gets its answers in turn
    before?.release()
    await before?.done
    const ofGame = { ...options, seed: options.seed + games }
    const lines = await think(player, situation, ofGame, searchMoves(words))
    send(...lines.slice(0, -1))
    await released
    send(lines.at(-1) ?? `bestmove ${nullMove}`)
  }
  state.search = { release, done: answer() }
}

type Command = (words: readonly string[], line: string) => void

function commandsOf(
  { player, name }: UciSetup,
  state: State,
  send: Send,
): ReadonlyMap<string, Command> {
  const defaults = state.options
  const problem = (text: string): void => send(`info string ${oneLine(text)}`)
  const nothing: Command = () => {}
  const commands: Readonly<Record<string, Command>> = {
    uci: () => {
      const id = [`id name Soft Prompt Workbench (${oneLine(name)})`, 'id author the workbench']
      send(...id, ...optionLines(defaults), 'uciok')
    },
    isready: () => send('readyok'),
    ucinewgame: () => {
      // a GUI says it before the first game too
      if (state.played) state.games += 1
      state.played = false
      state.situation = { moves: [] }
    },
    setoption: (_, line) => {
      const read = withOption(state.options, line)
      if (read.problem !== undefined) problem(read.problem)
      state.options = read.options
    },
    position: words => {
      const read = readPosition(words)
      if (read.problem !== undefined) problem(read.problem)
      state.situation = read.situation
    },
    go: words => go(words, state, player, send),
    stop: () => state.search?.release(),
    ponderhit: () => state.search?.release(),
    debug: nothing,
    register: nothing,
  }
  // a map, so that `constructor` is no command
  return new Map(Object.entries(commands))
}

/** Serve until `quit` or the end of the input. */
export async function runUci(setup: UciSetup): Promise<void> {
  const { input, output } = setup
  const state: State = {
    options: { ...uciDefaults, ...setup.options },
    situation: { moves: [] },
    search: undefined,
    games: 0,
    played: false,
  }
  const send: Send = (...lines) => {
    const text = lines.map(line => `${line}\n`).join('')
    if (text !== '' && !output.writableEnded && !output.destroyed) output.write(text)
  }
  const commands = commandsOf(setup, state, send)
  const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  for await (const raw of reader) {
    const line = raw.trim()
    const [command = '', ...words] = line.split(/\s+/)
    if (command === 'quit') break
    const known = commands.get(command)
    if (known !== undefined) known(words, line)
    else if (command !== '') send(`info string unknown command: ${line.slice(0, 200)}`)
  }
  reader.close()
  state.search?.release()
  await state.search?.done
}
