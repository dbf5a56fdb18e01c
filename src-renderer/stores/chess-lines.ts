// Variations: what was played otherwise from an earlier position. The line that is left is kept, and can be gone back to. Pure.
import { type Game, play, takeBack } from './chess-game'

/** Half-moves that two lines have in common; none when they began elsewhere. */
export function commonPlies(a: Game, b: Game): number {
  if (a.start !== b.start) return 0
  let n = 0
  while (n < a.plies.length && a.plies[n]?.uci === b.plies[n]?.uci) n++
  return n
}

/** Whether a line is the beginning of another, or the other itself. */
export const holds = (whole: Game, part: Game): boolean =>
  whole.start === part.start && commonPlies(whole, part) === part.plies.length

export interface Branched {
  readonly game: Game
  readonly others: readonly Game[]
  /** half-moves shown; null: all */
  readonly viewed: number | null
}

/** Other lines without those that this one holds. */
function among(line: Game, others: readonly Game[]): readonly Game[] {
  return others.filter(other => other.plies.length > 0 && !holds(line, other))
}

/**
 * A move from the position after `at` half-moves. A line that goes on like this is gone along; else a new one begins, and
 * the old one is kept. Faults: those of play.
 */
export function branch({ game, others }: Branched, at: number, text: string): Branched {
  const next = play(takeBack(game, game.plies.length - at), text)
  const viewedIn = (line: Game) => (line.plies.length === next.plies.length ? null : at + 1)
  if (holds(game, next)) return { game, others, viewed: viewedIn(game) }
  const known = others.find(other => holds(other, next))
  if (known !== undefined) {
    const rest = among(known, [game, ...others.filter(other => other !== known)])
    return { game: known, others: rest, viewed: viewedIn(known) }
  }
  return { game: next, others: among(next, [game, ...others]), viewed: null }
}

/** Another line takes the place of the one on the board, shown at its first own move. */
export function switched({ game, others }: Branched, to: Game): Branched {
  const rest = among(to, [game, ...others.filter(other => other !== to)])
  const first = commonPlies(game, to) + 1
  return { game: to, others: rest, viewed: first >= to.plies.length ? null : first }
}

export interface Variation {
  readonly line: Game
  /** half-moves before its first own one */
  readonly from: number
  /** "2. f4 exf4 3. Bc4 …" */
  readonly text: string
}

const shown = 6

/** Moves with numbers from a half-move on; the first says its number, whichever side moves: "2... d5", "3. exd5". */
export function numbered({ start, plies }: Game, from: number, dots = '...'): readonly string[] {
  const [, turn, , , , first] = start.split(' ')
  const shift = turn === 'b' ? 1 : 0
  return plies.slice(from).map((ply, i) => {
    const number = Number(first ?? 1) + Math.floor((from + i + shift) / 2)
    if (ply.colour === 'w') return `${number}. ${ply.san}`
    return i === 0 ? `${number}${dots} ${ply.san}` : ply.san
  })
}

/** "2… d5 3. exd5 …": the first moves of a line from a half-move on. */
function movesFrom(line: Game, from: number): string {
  const moves = numbered(line, from, '…')
  return [...moves.slice(0, shown), ...(moves.length > shown ? ['…'] : [])].join(' ')
}

/** Other lines by where they leave the one on the board. */
export const variationsOf = ({ game, others }: Branched): readonly Variation[] =>
  others
    .map(line => {
      const from = commonPlies(game, line)
      return { line, from, text: movesFrom(line, from) }
    })
    .sort((a, b) => a.from - b.from)
