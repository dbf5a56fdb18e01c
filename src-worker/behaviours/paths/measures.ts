// What the prompted model is worth in a maze, on held-out boards: does it arrive, and is the walk as good or as bad as
// it was asked to be? A generator of the share done: the caller may stop in between.

import { Fault } from '../../contract/fault'
import { promptIds } from '../../dataset/special-tokens'
import {
  type CachedModel,
  type CachedModelOptions,
  openCachedModel,
} from '../../sample/cached-model'
import { generate } from '../../sample/generate'
import { type BehaviourMeasures, intervalOf, sharesOf, unitSums } from '../../sample/measured'
import type { Sampler } from '../../sample/prompted'
import type { UnitSums } from '../../shared/unit-sums'
import { distancesOf, lettersOf, parseBoard, replay, type Walk } from './boards'
import { pathConditionsFor } from './solver'

export const pathTags = {
  reached: 'Reached',
  valid: 'Valid walks',
  correctUnsolvable: 'Correct unsolvable',
  falseUnsolvable: 'False unsolvable',
  extraAsked: 'Extra moves asked',
  extraGot: 'Extra moves got',
  extraError: 'Extra moves error',
  hitsAsked: 'Wall hits asked',
  hitsGot: 'Wall hits got',
  hitsError: 'Wall hits error',
  solved: 'Solved or rightly refused',
  refusingAll: 'Solved by refusing all boards',
} as const

/** A board as text with what is asked of the walk. */
export interface AskedBoard {
  /** board, and `Moves:` when the run has it */
  readonly prompt: string
  readonly extraMoves: number
  readonly wallHits: number
}

export interface PathMetricsOptions extends CachedModelOptions {
  readonly sampler: Sampler
  readonly boards: readonly AskedBoard[]
  /** tokens of a walk at most; default 64 */
  readonly maxTokens?: number
  readonly signal?: AbortSignal
}

export interface BoardOutcome {
  /** greedy text up to D, U, or what is no move */
  readonly moves: string
  readonly solvable: boolean
  readonly end: Walk['end']
  readonly reached: boolean
  readonly extraMoves: number | null
  readonly wallHits: number
  readonly askedExtraMoves: number
  readonly askedWallHits: number
}

/** Walks that are written at once. */
const lanesAtOnce = 16

/** The written letters up to the end of the walk, or one step into what is no move. */
function lettersUpToEnd(text: string): string[] {
  const letters = lettersOf(text)
  const end = letters.findIndex(letter => !'NESW'.includes(letter))
  return end < 0 ? letters : letters.slice(0, end + 1)
}

async function boardTokens({ sampler }: PathMetricsOptions, model: CachedModel, board: AskedBoard) {
  const { tokenizer } = sampler
  // some tokenizers begin the moves with their start token, as in training
  const start = await promptIds(tokenizer, '')
  const ids = [...(await promptIds(tokenizer, board.prompt)), ...start]
  return model.lane(ids, pathConditionsFor(model.conditions, board.extraMoves, board.wallHits))
}

/** Greedy walks on some boards. */
async function written(
  options: PathMetricsOptions,
  model: CachedModel,
  boards: readonly AskedBoard[],
): Promise<string[]> {
  const { sampler, maxTokens = 64, signal } = options
  const { tokenizer, folder } = sampler
  const lanes = await Promise.all(boards.map(board => boardTokens(options, model, board)))
  const stopIds = [tokenizer.eosTokenId, ...folder.config.eosTokenIds].filter(
    id => id !== undefined,
  )
  const greedy = { temperature: 0, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1, seed: 0 }
  const ids: number[][] = lanes.map(() => [])
  const texts: string[] = lanes.map(() => '')
  for await (const step of generate(sampler, lanes, { ...greedy, maxTokens, stopIds }, signal)) {
    for (const { lane, token, done } of step) if (done !== 'end') ids[lane]!.push(token)
    for (const [i, own] of ids.entries()) texts[i] = await tokenizer.decode(own)
    if (texts.every(text => /[^NESW\s]/.test(text))) break
  }
  if (signal?.aborted) throw new Fault('cancelled', 'walking was stopped', 'Start it again.')
  return texts
}

function outcomeOf(board: AskedBoard, text: string): BoardOutcome {
  const maze = parseBoard(board.prompt)
  const letters = lettersUpToEnd(text)
  const walk = replay(maze, letters)
  return {
    moves: letters.join(' '),
    solvable: distancesOf(maze)[maze.start]! >= 0,
    end: walk.end,
    reached: walk.reached,
    extraMoves: walk.extraMoves,
    wallHits: walk.wallHits,
    askedExtraMoves: board.extraMoves,
    askedWallHits: board.wallHits,
  }
}

type Of = (o: BoardOutcome) => number

const hasArrived = (o: BoardOutcome): boolean => o.end === 'done' && o.reached

/** Of solvable boards, of unsolvable ones, and of walks that came to their end: those can be compared with what was asked. */
const solvable =
  (of: Of): Of =>
  o =>
    o.solvable ? of(o) : Number.NaN
const unsolvable =
  (of: Of): Of =>
  o =>
    o.solvable ? Number.NaN : of(o)
const arrived = (of: Of): Of => solvable(o => (hasArrived(o) ? of(o) : Number.NaN))

const saysUnsolvable: Of = o => Number(o.end === 'unsolvable')
const extra: Of = o => o.extraMoves ?? Number.NaN

/** A move into a wall is legal as often as it was asked for: no more often. */
const isSolved = (o: BoardOutcome): boolean => hasArrived(o) && o.wallHits <= o.askedWallHits

const measures: Readonly<Record<string, Of>> = {
  [pathTags.solved]: o => (o.solvable ? Number(isSolved(o)) : saysUnsolvable(o)),
  [pathTags.refusingAll]: o => Number(!o.solvable),
  [pathTags.reached]: solvable(o => Number(hasArrived(o))),
  [pathTags.valid]: o => Number(hasArrived(o) || o.end === 'unsolvable'),
  [pathTags.correctUnsolvable]: unsolvable(saysUnsolvable),
  [pathTags.falseUnsolvable]: solvable(saysUnsolvable),
  [pathTags.extraAsked]: arrived(o => o.askedExtraMoves),
  [pathTags.extraGot]: arrived(extra),
  [pathTags.extraError]: arrived(o => Math.abs(extra(o) - o.askedExtraMoves)),
  [pathTags.hitsAsked]: arrived(o => o.askedWallHits),
  [pathTags.hitsGot]: arrived(o => o.wallHits),
  [pathTags.hitsError]: arrived(o => Math.abs(o.wallHits - o.askedWallHits)),
}

function measuredOf(outcomes: readonly BoardOutcome[]): BehaviourMeasures {
  const by = (of: Of): UnitSums =>
    unitSums(
      outcomes.length,
      outcomes.map((o, board) => [board, of(o)]),
    )
  const shares = Object.fromEntries(Object.entries(measures).map(([tag, of]) => [tag, by(of)]))
  const able = outcomes.filter(o => o.solvable)
  const reached = able.map(o => Number(hasArrived(o)))
  const counts = {
    boards: outcomes.length,
    solvable: able.length,
    arrived: reached.filter(Boolean).length,
  }
  const details = { ...counts, reached: intervalOf(reached), walks: outcomes }
  return { scalars: sharesOf(shares), shares, details }
}

/** Yields the share of the boards that are done. Faults: shape, cancelled, bad-data (a board that is none). */
export async function* pathMetrics(
  options: PathMetricsOptions,
): AsyncGenerator<number, BehaviourMeasures> {
  const { boards, sampler } = options
  const model = openCachedModel(sampler, options)
  const outcomes: BoardOutcome[] = []
  for (let from = 0; from < boards.length; from += lanesAtOnce) {
    const group = boards.slice(from, from + lanesAtOnce)
    const texts = await written(options, model, group)
    outcomes.push(...group.map((board, i) => outcomeOf(board, texts[i]!)))
    yield outcomes.length / boards.length
  }
  return measuredOf(outcomes)
}
