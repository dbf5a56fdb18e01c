// What the prompted model is worth as a chess player, on held-out games: legal moves, agreement with the person who
// played, and whether the Elos it is given matter. A generator of the share done: the caller may stop in between.

import { promptIds } from '../../dataset/special-tokens'
import {
  type CachedModel,
  type CachedModelOptions,
  openCachedModel,
} from '../../sample/cached-model'
import { firstWords } from '../../sample/first-words'
import { type BehaviourMeasures, intervalOf, meanOf } from '../../sample/measured'
import type { Sampler } from '../../sample/prompted'
import { scoreContinuations } from '../../sample/score'
import { rng } from '../../stream/rng'
import { chessConditions } from './elo'
import { longestMove, openChessPlayer } from './player'
import { chessMeasured, type EloSensitivity, type PositionOutcome } from './shares'

export interface PlayedGame {
  readonly whiteElo: number
  readonly blackElo: number
  /** moves joined by spaces */
  readonly uci: string
}

export interface ChessMetricsOptions extends CachedModelOptions {
  readonly sampler: Sampler
  readonly games: readonly PlayedGame[]
  /** tokens of a game at most, as in training */
  readonly length: number
  /** positions looked at in each game; default 4 */
  readonly positionsPerGame?: number
  readonly seed?: number
  readonly signal?: AbortSignal
}

interface Spot {
  readonly game: number
  readonly ply: number
  readonly moves: readonly string[]
  readonly source: PlayedGame
}

/** One ply from each of `count` equal parts of the game, as far as the length lets it be read. */
async function spotsOf(options: ChessMetricsOptions): Promise<Spot[]> {
  const { sampler, games, length, positionsPerGame = 4, seed = 0 } = options
  const random = rng(seed, 'positions')
  const spots: Spot[] = []
  for (const [game, source] of games.entries()) {
    const moves = source.uci.split(' ')
    const tokens = (await sampler.tokenizer.encode(source.uci)).length
    const readable = Math.floor((moves.length * Math.max(0, length - longestMove)) / tokens)
    const last = Math.min(moves.length - 1, readable)
    for (let part = 0; part < positionsPerGame; part++) {
      const from = Math.floor((last * part) / positionsPerGame)
      const to = Math.max(from + 1, Math.floor((last * (part + 1)) / positionsPerGame))
      const ply = from + random.below(to - from)
      if (ply < moves.length && !spots.some(s => s.game === game && s.ply === ply))
        spots.push({ game, ply, moves, source })
    }
  }
  return spots
}

/** Texts that are written at once. */
const lanesAtOnce = 16

/** Greedy first words after each position. */
async function* greedyMoves(
  { sampler, signal }: ChessMetricsOptions,
  model: CachedModel,
  spots: readonly Spot[],
): AsyncGenerator<readonly string[], void> {
  for (let from = 0; from < spots.length; from += lanesAtOnce) {
    const lanes = await Promise.all(
      spots.slice(from, from + lanesAtOnce).map(async ({ moves, ply, source }) => {
        const ids = await promptIds(sampler.tokenizer, moves.slice(0, ply).join(' '))
        return model.lane(ids, eloConditions(model, source.whiteElo, source.blackElo))
      }),
    )
    const how = { temperature: 0, topP: 1, seed: 0, maxTokens: longestMove }
    yield await firstWords(sampler, lanes, how, signal)
  }
}

const kinds = ['none', 'constant', 'elos', 'elos-constant'] as const

const eloConditions = ({ conditions }: CachedModel, white: number, black: number): number[] =>
  chessConditions(kinds[conditions] ?? 'elos', white, black)

/** −Σ log p / tokens of a game's text behind the soft prompt. */
async function gameLoss(
  { sampler, signal }: ChessMetricsOptions,
  model: CachedModel,
  ids: readonly number[],
  conditions: readonly number[],
): Promise<number> {
  const lane = await model.lane([], conditions)
  const [score] = await scoreContinuations(sampler, lane, [ids], signal)
  return -score!.logProb / ids.length
}

/** Loss with true Elos minus loss with those of the next game in a random order, game by game. */
async function* sensitivity(
  options: ChessMetricsOptions,
  model: CachedModel,
): AsyncGenerator<number, EloSensitivity | undefined> {
  const { games, sampler, length, seed = 0 } = options
  // behind a prompt that takes no Elos there is nothing to shuffle
  if (model.conditions < 2 || games.length < 2) return undefined
  const random = rng(seed, 'shuffled Elos')
  const order = games.map((_, i) => i)
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  const losses: { own: number; other: number }[] = []
  const differences = games.map(() => 0)
  for (const [place, i] of order.entries()) {
    const game = games[i]!
    const stranger = games[order[(place + 1) % order.length]!]!
    const ids = (await sampler.tokenizer.encode(game.uci)).slice(0, length)
    const [own, other] = [game, stranger].map(g => eloConditions(model, g.whiteElo, g.blackElo))
    const loss = {
      own: await gameLoss(options, model, ids, own!),
      other: await gameLoss(options, model, ids, other!),
    }
    losses.push(loss)
    differences[i] = loss.own - loss.other
    yield losses.length / games.length
  }
  return {
    ...intervalOf(differences),
    differences,
    trueLoss: meanOf(losses.map(l => l.own)),
    shuffledLoss: meanOf(losses.map(l => l.other)),
  }
}

/** Yields the share of the work that is done. Faults: shape, cancelled, bad-data (a game with an illegal move). */
export async function* chessMetrics(
  options: ChessMetricsOptions,
): AsyncGenerator<number, BehaviourMeasures> {
  const { sampler, games, signal } = options
  const player = await openChessPlayer(sampler, options)
  const model = openCachedModel(sampler, options)
  const spots = await spotsOf(options)
  const greedy: string[] = []
  const total = 3 * Math.max(1, spots.length)
  for await (const words of greedyMoves(options, model, spots)) {
    greedy.push(...words)
    yield greedy.length / total
  }
  const outcomes: PositionOutcome[] = []
  for (const [i, { game, ply, moves, source }] of spots.entries()) {
    const query = { ...source, moves: moves.slice(0, ply) }
    const { moves: found, illegalMass } = await player.distribution(query, signal)
    const rank = found.findIndex(move => move.uci === moves[ply]) + 1
    outcomes.push({
      game,
      ply,
      elo: ply % 2 === 0 ? source.whiteElo : source.blackElo,
      rank,
      choices: found.length,
      bits: -(found[rank - 1]?.logProb ?? Number.NaN) / Math.LN2,
      legalMass: 1 - illegalMass,
      legal: found.some(move => move.uci === greedy[i]),
    })
    yield (spots.length + i + 1) / total
  }
  const last = sensitivity(options, model)
  let step = await last.next()
  while (step.done !== true) {
    yield (2 + step.value) / 3
    step = await last.next()
  }
  return chessMeasured(outcomes, games.length, step.value)
}
