// The chess playground's call: the exact distribution over legal moves, and one of them chosen as requested.

import { LRUCache } from 'lru-cache'
import { type ChessQuery, type Choice, chooseMove } from '../behaviours/chess/moves'
import { type ChessPlayer, openChessPlayer } from '../behaviours/chess/player'
import type { ChessAnswer, ChessRequest } from '../contract/playground'
import type { Sampler } from '../sample/prompted'
import { rng } from '../stream/rng'
import type { Opened, PromptedModels } from './prompted-models'

/** Players of one model, each with another snapshot. */
const mostPlayers = 8

/** Players keep what they have read in a cache, so they are kept as long as their model and snapshot are the same. */
export function openChessTable(promptedModels: PromptedModels) {
  const players = new WeakMap<Sampler, LRUCache<object | string, Promise<ChessPlayer>>>()

  const playerOf = ({ sampler, snapshot, prefixToken }: Opened): Promise<ChessPlayer> => {
    const ofModel = players.get(sampler) ?? new LRUCache({ max: mostPlayers })
    players.set(sampler, ofModel)
    const key = snapshot ?? (prefixToken === undefined ? 'bare' : 'start token')
    const known = ofModel.get(key)
    if (known !== undefined) return known
    const opened = openChessPlayer(sampler, {
      ...(snapshot === undefined ? {} : { snapshot }),
      startToken: prefixToken !== undefined,
    })
    ofModel.set(key, opened)
    return opened
  }

  return async (request: ChessRequest, signal: AbortSignal): Promise<ChessAnswer> => {
    const player = await playerOf(await promptedModels.open(request.promptedModel))
    const began = performance.now()
    const query = queryOf(request, request.moves)
    const { moves, illegalMass, context } = await player.distribution(query, signal)
    const chosen = await choose(player, request, query, moves, signal)
    return {
      moves: moves.map(({ uci, san, probability }) => ({ uci, san, probability })),
      illegalMass,
      ...chosen,
      surpriseBits: request.surprise ? await surprise(player, request, signal) : null,
      milliseconds: performance.now() - began,
      context,
    }
  }
}

const queryOf = (
  { fen, whiteElo, blackElo }: ChessRequest,
  moves: readonly string[],
): ChessQuery => ({
  ...(fen === '' ? {} : { fen }),
  moves,
  whiteElo,
  blackElo,
})

function choiceOf({ choose, temperature, topP }: ChessRequest): Choice | undefined {
  if (choose === 'argmax') return { kind: 'argmax' }
  if (choose === 'temperature') return { kind: 'temperature', temperature }
  return choose === 'top-p' ? { kind: 'top-p', topP, temperature } : undefined
}

async function choose(
  player: ChessPlayer,
  request: ChessRequest,
  query: ChessQuery,
  moves: Awaited<ReturnType<ChessPlayer['distribution']>>['moves'],
  signal: AbortSignal,
): Promise<Pick<ChessAnswer, 'chosen' | 'raw'>> {
  const { temperature, topP, seed, tries } = request
  if (moves.length === 0) return { chosen: null, raw: [] }
  if (request.choose === 'raw') {
    const raw = await player.raw(query, { tries, temperature, topP, seed }, signal)
    const last = raw[raw.length - 1]
    return { chosen: last?.legal === true ? last.text : null, raw: [...raw] }
  }
  const choice = choiceOf(request)
  if (choice === undefined) return { chosen: null, raw: [] }
  const random = rng(seed, `ply ${query.moves.length}`)
  return { chosen: chooseMove(moves, choice, random).uci, raw: [] }
}

/** Bits of the last move played, as the model saw the position before it. */
async function surprise(
  player: ChessPlayer,
  request: ChessRequest,
  signal: AbortSignal,
): Promise<number | null> {
  const last = request.moves[request.moves.length - 1]
  if (last === undefined) return null
  const before = queryOf(request, request.moves.slice(0, -1))
  const { moves } = await player.distribution(before, signal)
  const played = moves.find(m => m.uci === last)
  return played === undefined ? null : Math.max(0, -played.logProb / Math.LN2)
}
