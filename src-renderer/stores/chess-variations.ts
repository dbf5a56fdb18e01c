// The lines of the game on the board: which of them is played on, and how one gets from one to another. Kept over a reload.
import { computed, type Ref, type ShallowRef, shallowRef } from 'vue'
import type { Game } from './chess-game'
import { keptLines } from './chess-kept'
import { type Branched, branch, holds, switched, variationsOf } from './chess-lines'
import { toPgn } from './chess-pgn'
import { keep } from './kept'

/** @param setGame puts another line on the board, shown to its end */
export function useVariations(
  game: ShallowRef<Game>,
  viewed: Ref<number | null>,
  setGame: (next: Game) => void,
) {
  const others = shallowRef<readonly Game[]>(keptLines())
  keep('chess-lines', () => ({ pgns: others.value.map(line => toPgn(line, {})) }))
  const now = (): Branched => ({ game: game.value, others: others.value, viewed: viewed.value })

  const take = (next: Branched) => {
    others.value = next.others
    if (next.game !== game.value) setGame(next.game)
    viewed.value = next.viewed
  }
  /** A move from the position shown; what came after it stays as a variation. Faults: those of play. */
  const follow = (text: string) =>
    take(branch(now(), viewed.value ?? game.value.plies.length, text))
  /** Another line on the board; the one that was there stays as a variation. */
  const switchTo = (line: Game) => take(switched(now(), line))
  /** Those of another game, in place of these. */
  const replace = (lines: readonly Game[]) => {
    others.value = lines.filter(line => !holds(game.value, line))
  }
  const variations = computed(() => variationsOf(now()))
  return { variations, follow, switchTo, replace }
}
