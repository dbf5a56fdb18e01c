// The prompted model at the chess board: how probable it finds every legal move, exactly, and which one it plays.
// A move counts in its canonical tokenisation and only if it ends there: "e7e8" is not credited with "e7e8q".

import { Fault } from '../../contract/fault'
import { promptIds, promptIdsOf } from '../../dataset/special-tokens'
import {
  type CachedModel,
  type CachedModelOptions,
  openCachedModel,
} from '../../sample/cached-model'
import { firstWords } from '../../sample/first-words'
import type { Sampler } from '../../sample/prompted'
import { vocabularyTexts } from '../../sample/vocabulary-text'
import { commonLength } from '../../stream/common-length'
import { rng } from '../../stream/rng'
import { chessConditions } from './elo'
import {
  type ChessQuery,
  type Choice,
  chooseMove,
  type MoveDistribution,
  type ScoredMove,
} from './moves'
import { type LegalMove, openSituation, type Position } from './position'

export interface RawTry {
  /** what it wrote, up to the end of the first word */
  readonly text: string
  readonly legal: boolean
}

export interface RawOptions {
  readonly tries: number
  readonly temperature: number
  readonly topP: number
  readonly seed: number
}

export interface ChessPlayer {
  /** Faults: bad-data (no position, an illegal move), shape, cancelled */
  distribution(query: ChessQuery, signal?: AbortSignal): Promise<MoveDistribution>
  /** undefined: no legal move */
  choose(
    query: ChessQuery,
    choice: Choice,
    seed: number,
    signal?: AbortSignal,
  ): Promise<ScoredMove | undefined>
  /** sampled text until a legal move is written or the tries are used up, the last try last */
  raw(query: ChessQuery, options: RawOptions, signal?: AbortSignal): Promise<RawTry[]>
}

/** Tokens that end a move: whatever begins with a blank, and the end of the text. */
async function moveEnds({ tokenizer, folder }: Sampler): Promise<Int32Array> {
  const texts = await vocabularyTexts(tokenizer)
  const special = [tokenizer.eosTokenId, ...folder.config.eosTokenIds]
  const ends = new Set(special.filter(id => id !== undefined))
  for (const [id, text] of texts.entries()) if (/^\s/.test(text)) ends.add(id)
  return Int32Array.from(ends)
}

const withMove = (context: string, uci: string): string =>
  context === '' ? uci : `${context} ${uci}`

/** Text so far, and what each move adds to it: the tokens behind what all of them share with the text. */
async function tokenised(
  { tokenizer }: Sampler,
  { context, legal }: Position,
): Promise<{ ids: number[]; texts: number[][] }> {
  const own = await promptIds(tokenizer, context)
  const texts = legal.map(({ uci }) => withMove(context, uci))
  const whole = await promptIdsOf(tokenizer, texts)
  const shared = whole.reduce((least, ids) => Math.min(least, commonLength(own, ids)), own.length)
  return { ids: own.slice(0, shared), texts: whole.map(ids => ids.slice(shared)) }
}

/** A UCI move with the blank behind it is at most this many tokens. */
export const longestMove = 8

async function rawTries(
  model: CachedModel,
  query: ChessQuery,
  how: RawOptions,
  signal: AbortSignal | undefined,
): Promise<RawTry[]> {
  const { sampler } = model
  const { context, legal } = openSituation(query)
  const legalMoves = new Set(legal.map(move => move.uci))
  const ids = await promptIds(sampler.tokenizer, context)
  const lane = await model.lane(ids, eloConditions(model.conditions, query))
  const { temperature, topP, seed } = how
  const words = { temperature, topP, seed, maxTokens: longestMove }
  const tries: RawTry[] = []
  for (let i = 0; i < how.tries; i++) {
    const asked = { ...lane, label: `try ${i}` }
    const [text = ''] = await firstWords(sampler, [asked], words, signal)
    tries.push({ text, legal: legalMoves.has(text) })
    if (legalMoves.has(text)) break
  }
  return tries
}

/**
 * A player over an open model. The snapshot's conditions are both Elos, a constant 1, or none.
 * Faults: shape (a snapshot of another model, or one with other conditions).
 */
export async function openChessPlayer(
  sampler: Sampler,
  options: CachedModelOptions = {},
): Promise<ChessPlayer> {
  const model = openCachedModel(sampler, options)
  const ends = await moveEnds(sampler)

  async function distribution(query: ChessQuery, signal?: AbortSignal): Promise<MoveDistribution> {
    const position = openSituation(query)
    const { context, legal } = position
    if (legal.length === 0) return { moves: [], illegalMass: 1, context }
    const { ids, texts } = await tokenised(sampler, position)
    const conditions = eloConditions(model.conditions, query)
    const asked = { ids, conditions, texts, ends, ...(signal ? { signal } : {}) }
    const scores = await model.continuations(asked)
    const moves = legal.map((move, i) => scored(move, scores[i]!.logProb + scores[i]!.endLogProb))
    const mass = moves.reduce((sum, move) => sum + move.probability, 0)
    moves.sort((a, b) => b.logProb - a.logProb)
    return { moves, illegalMass: Math.max(0, 1 - mass), context }
  }

  return {
    distribution,
    raw: (query, how, signal) => rawTries(model, query, how, signal),
    choose: async (query, choice, seed, signal) => {
      const { moves } = await distribution(query, signal)
      if (moves.length === 0) return undefined
      return chooseMove(moves, choice, rng(seed, `ply ${query.moves.length}`))
    },
  }
}

const scored = (move: LegalMove, logProb: number): ScoredMove => ({
  ...move,
  logProb,
  probability: Math.exp(logProb),
})

function eloConditions(count: number, { whiteElo, blackElo }: ChessQuery): number[] {
  if (count === 0) return []
  if (count === 1) return chessConditions('constant', whiteElo, blackElo)
  if (count === 2) return chessConditions('elos', whiteElo, blackElo)
  if (count === 3) return chessConditions('elos-constant', whiteElo, blackElo)
  throw new Fault(
    'shape',
    `the soft prompt is made from ${count} conditions, chess has two Elos`,
    'Choose a snapshot of the chess experiment.',
  )
}
