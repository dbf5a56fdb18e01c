// What the model made of each move of a game: the probability that it gave to the move played, and its favourite then. What
// was read while playing is kept; the rest is read on request, one position after another.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { ChessAnswer, ChessRequest } from '../../src-worker/contract/playground'
import { call } from '../workbench'
import type { Game } from './chess-game'
import { requestName } from './playground-ask'

/** Positions kept; a long game has 200. */
const most = 2000

export interface MoveReading {
  readonly san: string
  readonly colour: 'w' | 'b'
  /** null: this position was not read yet */
  readonly probability: number | null
  readonly favourite: string
}

/** An answer depends on the position, the prompted model and both Elos; how a move is picked does not matter. */
const keyOf = ({ promptedModel, fen, moves = [], whiteElo, blackElo }: ChessRequest): string =>
  JSON.stringify([promptedModel, fen, moves, whiteElo, blackElo])

export const useChessEvaluation = defineStore('chess-evaluation', () => {
  const known = shallowRef<ReadonlyMap<string, ChessAnswer['moves']>>(new Map())
  const busy = ref(false)
  const fault = shallowRef<Fault | null>(null)
  let round = 0
  let inFlight = ''

  const note = (request: ChessRequest, { moves }: ChessAnswer) => {
    const next = new Map(known.value).set(keyOf(request), moves)
    known.value = new Map([...next].slice(-most))
  }

  /** @param at the request of the position after so many half-moves */
  const readingsOf = (game: Game, at: (plies: number) => ChessRequest): readonly MoveReading[] =>
    game.plies.map(({ san, uci, colour }, i) => {
      const moves = known.value.get(keyOf(at(i)))
      const probability = moves?.find(move => move.uci === uci)?.probability ?? null
      return { san, colour, probability, favourite: moves?.[0]?.san ?? '' }
    })

  /** Reads the positions of the game that were not read yet. */
  const read = async (game: Game, at: (plies: number) => ChessRequest) => {
    const mine = ++round
    busy.value = true
    fault.value = null
    try {
      for (let i = 0; i < game.plies.length && mine === round; i++) {
        const request = { ...at(i), choose: 'none' as const, surprise: false }
        if (known.value.has(keyOf(request))) continue
        inFlight = requestName('chess-evaluation')
        const answer = await call('chess', { ...request, request: inFlight })
        if (mine === round) note(request, answer)
      }
    } catch (error) {
      const wrong = asFault(error)
      if (mine === round && wrong.code !== 'cancelled') fault.value = wrong
    } finally {
      if (mine === round) busy.value = false
    }
  }
  const stop = () => {
    round++
    busy.value = false
    if (inFlight) void call('cancel', { request: inFlight }).catch(() => undefined)
  }
  const count = computed(() => known.value.size)

  return { busy, fault, count, note, readingsOf, read, stop }
})
