// Model against model: a number of games between two players, colours alternating, and their score.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { PromptedModel } from '../../src-worker/contract/playground'
import { call } from '../workbench'
import { type Game, newGame, play, resultOf, resultText, turnOf, uciMoves } from './chess-game'
import type { Policy } from './chess-kept'
import { toPgn } from './chess-pgn'
import { requestName } from './playground-ask'

export interface Player {
  readonly label: string
  readonly promptedModel: PromptedModel
  readonly elo: number
}
export interface MatchPlan {
  readonly players: readonly [Player, Player]
  readonly games: number
  readonly start: string
  readonly policy: Policy
  readonly temperature: number
  readonly topP: number
  readonly tries: number
  readonly seed: number
  /** half-moves after which a game is called a draw */
  readonly longest: number
}
export interface Played {
  readonly game: Game
  /** index of the player with White */
  readonly white: 0 | 1
  readonly seed: number
  /** points of player 0: 1, ½ or 0 */
  readonly points: number
  readonly words: string
}

/** Wins, draws and losses of player 0. */
export const scoreOf = (played: readonly Played[]) => ({
  wins: played.filter(p => p.points === 1).length,
  draws: played.filter(p => p.points === 0.5).length,
  losses: played.filter(p => p.points === 0).length,
  points: played.reduce((sum, p) => sum + p.points, 0),
})

const pointsOf = (score: '1-0' | '0-1' | '1/2-1/2', white: 0 | 1): number => {
  if (score === '1/2-1/2') return 0.5
  return (score === '1-0') === (white === 0) ? 1 : 0
}

export const useChessMatch = defineStore('chess-match', () => {
  /** of the two players, for the next match */
  const elos = ref<[number, number]>([1200, 2000])
  /** to begin as soon as its screen is there */
  const asked = ref(false)
  const plan = shallowRef<MatchPlan | null>(null)
  const played = shallowRef<readonly Played[]>([])
  const game = shallowRef<Game>(newGame())
  const running = ref(false)
  const fault = shallowRef<Fault | null>(null)
  let round = 0
  let inFlight = ''

  const score = computed(() => scoreOf(played.value))
  /** who has White in the game on the board */
  const white = computed<0 | 1>(() => (played.value.length % 2 === 0 ? 0 : 1))

  /** One move; null when raw mode found nothing legal. */
  const chosen = async (p: MatchPlan, now: Game, side: 0 | 1, seed: number) => {
    const mover = p.players[turnOf(now) === 'w' ? side : side === 0 ? 1 : 0]
    const [w, b] = side === 0 ? p.players : [p.players[1], p.players[0]]
    inFlight = requestName('chess-match')
    const answer = await call('chess', {
      request: inFlight,
      promptedModel: mover.promptedModel,
      fen: now.start,
      moves: uciMoves(now),
      whiteElo: w.elo,
      blackElo: b.elo,
      choose: p.policy,
      temperature: p.temperature,
      topP: p.topP,
      seed,
      tries: p.tries,
    })
    return answer.chosen
  }

  const finish = (p: MatchPlan, end: Game, side: 0 | 1, seed: number, stuck: boolean): Played => {
    const result = resultOf(end)
    const loser = turnOf(end)
    if (stuck) {
      const score = loser === 'w' ? '0-1' : '1-0'
      const words = `No legal move in ${p.tries} tries: ${loser === 'w' ? 'White' : 'Black'} loses.`
      return { game: end, white: side, seed, points: pointsOf(score, side), words }
    }
    if (result.kind === 'over') {
      const points = pointsOf(result.score, side)
      return { game: end, white: side, seed, points, words: resultText(result) }
    }
    const words = `Called a draw after ${p.longest} half-moves.`
    return { game: end, white: side, seed, points: 0.5, words }
  }

  const playOne = async (p: MatchPlan, mine: number): Promise<Played | undefined> => {
    const side = white.value
    const seed = p.seed + played.value.length
    game.value = newGame(p.start)
    while (resultOf(game.value).kind === 'playing' && game.value.plies.length < p.longest) {
      const uci = await chosen(p, game.value, side, seed)
      if (mine !== round) return undefined
      if (uci === null) return finish(p, game.value, side, seed, true)
      game.value = play(game.value, uci)
    }
    return finish(p, game.value, side, seed, false)
  }

  /** Play the plan from the start, or go on where stop or a fault left it. */
  const run = async (next: MatchPlan | null = plan.value) => {
    if (next === null) return
    if (next !== plan.value) played.value = []
    plan.value = next
    const mine = ++round
    running.value = true
    fault.value = null
    try {
      while (played.value.length < next.games) {
        const one = await playOne(next, mine)
        if (one === undefined) return
        played.value = [...played.value, one]
      }
    } catch (error) {
      const wrong = asFault(error)
      if (mine === round && wrong.code !== 'cancelled') fault.value = wrong
    } finally {
      if (mine === round) running.value = false
    }
  }

  const stop = () => {
    round++
    running.value = false
    if (inFlight) void call('cancel', { request: inFlight }).catch(() => undefined)
  }

  /** All games as one PGN file. */
  const pgn = (): string => {
    const p = plan.value
    if (p === null) return ''
    const texts = played.value.map(({ game: g, white: side, seed, words }, i) => {
      const [w, b] = side === 0 ? p.players : [p.players[1], p.players[0]]
      return toPgn(g, {
        Round: String(i + 1),
        White: w.label,
        Black: b.label,
        WhiteElo: String(w.elo),
        BlackElo: String(b.elo),
        SnapshotId: w.promptedModel.snapshot || 'none',
        BlackSnapshotId: b.promptedModel.snapshot || 'none',
        Policy: p.policy,
        Temperature: String(p.temperature),
        Seed: String(seed),
        Remark: words,
      })
    })
    return texts.join('\n')
  }

  return { elos, asked, plan, played, game, running, fault, score, white, run, stop, pgn }
})
