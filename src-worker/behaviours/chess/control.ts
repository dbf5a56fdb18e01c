// The control of chess: games of random legal moves under the same Elos. Their form can be learnt from them, their play not.
import type { ExperimentSpec } from '../../contract/experiment-spec'
import type { Rng } from '../../stream/rng'
import type { Control } from '../behaviour'
import type { GameText } from './data'
import type { ChessSpec } from './elo'
import { openBoard, playUci } from './position'

/** As many random legal moves as the game has, fewer where one of them ends it. */
function randomGame({ uci, ...elos }: GameText, random: Rng): GameText {
  const board = openBoard(undefined)
  const moves: string[] = []
  for (let left = uci.split(' ').length; left > 0; left--) {
    // verbose, each move that is not played would cost two FENs: eight times as long
    const legal = board.moves()
    const move = legal[random.below(Math.max(1, legal.length))]
    if (move === undefined) break
    moves.push(board.move(move).lan)
  }
  return { ...elos, uci: moves.join(' ') }
}

/** As PGN that passes the filter of its own run. */
function pgnOf({ uci, whiteElo, blackElo }: GameText, { filter }: ChessSpec): string {
  const board = openBoard(undefined)
  for (const move of uci.split(' ')) playUci(board, move)
  const tags = [
    ['Event', filter.events[0] ?? 'Rated Blitz game'],
    ['Result', '*'],
    ['WhiteElo', whiteElo],
    ['BlackElo', blackElo],
    ['TimeControl', filter.timeControls[0] ?? '300+0'],
  ]
  const numbered = board.history().map((san, i) => (i % 2 === 0 ? `${i / 2 + 1}. ${san}` : san))
  return `${tags.map(([name, value]) => `[${name} "${value}"]`).join('\n')}\n\n${numbered.join(' ')} *\n\n`
}

export const chessControl: Control = {
  kind: 'data',
  words: 'games of random legal moves',
  most: 600,
  extension: 'pgn',
  text: (raw, experiment: ExperimentSpec) => pgnOf(raw as GameText, experiment as ChessSpec),
  *shuffled(raws, random) {
    for (const game of raws as readonly GameText[]) yield randomGame(game, random)
  },
}
