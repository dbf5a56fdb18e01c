// The prompted model in a maze: step by step, with the probability of each letter at each step, free or held to moves
// that are possible. A letter's probability is that of every token that begins with it.

import { Fault } from '../../contract/fault'
import type { PathAnswer } from '../../contract/playground'
import { promptIds } from '../../dataset/special-tokens'
import {
  type CachedModel,
  type CachedModelOptions,
  openCachedModel,
} from '../../sample/cached-model'
import type { Sampler } from '../../sample/prompted'
import { vocabularyTexts } from '../../sample/vocabulary-text'
import { rng } from '../../stream/rng'
import {
  type BoardFormat,
  type Direction,
  directions,
  distancesOf,
  type Maze,
  type MoveLetter,
  moveLetters,
  movesText,
  optimalPath,
  promptText,
  replay,
  stepFrom,
  type Walk,
} from './boards'
import { pathConditions } from './conditions'
import {
  chooseLetter,
  type LetterProbabilities,
  lettersFrom,
  letterTable,
  textOfOther,
} from './letters'

export interface PathQuery {
  readonly maze: Maze
  readonly format: BoardFormat
  /** walked so far: N E S W */
  readonly moves: readonly string[]
  /** what is asked of the walk: the conditions of the prompt */
  readonly extraMoves: number
  readonly wallHits: number
  /** only moves that stay on the board and off walls, D only at the target */
  readonly constrained: boolean
  /** 0: the most probable letter */
  readonly temperature: number
  readonly seed: number
  /** steps at most; it ends before with D, U, or text that is no move */
  readonly steps: number
}

export interface PathStep {
  /** a letter, or the text that is no move */
  readonly move: string
  readonly probabilities: LetterProbabilities
  /** where it stands afterwards */
  readonly cell: number
  readonly hit: boolean
}

export interface PathSolver {
  /** letters that the model would write next. Faults: bad-data (the walk is over), shape, cancelled */
  next(query: PathQuery, signal?: AbortSignal): Promise<LetterProbabilities>
  walk(query: PathQuery, signal?: AbortSignal): AsyncGenerator<PathStep, void>
}

/** What may be chosen. */
function allowedAt(query: PathQuery, cell: number): readonly (MoveLetter | 'other')[] {
  const { maze, constrained } = query
  if (!constrained) return [...moveLetters, 'other']
  const open = directions.filter(direction => stepFrom(maze, cell, direction) >= 0)
  return cell === maze.target ? [...open, 'D'] : [...open, 'U']
}

export function pathConditionsFor(count: number, extraMoves: number, wallHits: number): number[] {
  if (count === 0) return []
  if (count === 1) return pathConditions('constant', extraMoves, wallHits)
  if (count === 2) return pathConditions('quality', extraMoves, wallHits)
  throw new Fault(
    'shape',
    `the soft prompt is made from ${count} conditions, a walk has extra moves and wall hits`,
    'Choose a snapshot of the pathfinding experiment.',
  )
}

/** The cell that the moves so far lead to. Faults: bad-data. */
function cellAfter({ maze, moves }: PathQuery): number {
  const walk = replay(maze, moves)
  if (walk.end === 'walking') return walk.cell
  const fix = 'Give moves N, E, S and W only, without the end of the walk.'
  throw new Fault('bad-data', `the walk ${moves.join(' ')} is ${walk.end}`, fix)
}

/** Tokens of board and moves, apart from each other as in training. */
async function tokensOf({ tokenizer }: Sampler, query: PathQuery): Promise<number[]> {
  const board = await promptIds(tokenizer, promptText(query.maze, query.format))
  const moves = await promptIds(tokenizer, movesText(query.moves, query.format.spaces))
  return [...board, ...moves]
}

/** What the model says next, and which token stands for which letter. */
interface Look {
  readonly logProbs: Float32Array
  readonly letters: readonly (MoveLetter | undefined)[]
  readonly probabilities: LetterProbabilities
}
type Looking = (query: PathQuery, signal?: AbortSignal) => Promise<Look>

function looking(sampler: Sampler, model: CachedModel, texts: readonly string[]): Looking {
  const tables = { spaces: letterTable(texts, true), none: letterTable(texts, false) }
  return async (query, signal) => {
    const { extraMoves, wallHits, format, moves } = query
    const conditions = pathConditionsFor(model.conditions, extraMoves, wallHits)
    const logProbs = await model.next(await tokensOf(sampler, query), conditions, signal)
    const table = format.spaces ? tables.spaces : tables.none
    const letters = moves.length === 0 ? table.first : table.later
    return { logProbs, letters, probabilities: lettersFrom(logProbs, letters) }
  }
}

/** A solver over an open model. The snapshot's conditions are extra moves and wall hits, a constant 1, or none. */
export async function openPathSolver(
  sampler: Sampler,
  options: CachedModelOptions = {},
): Promise<PathSolver> {
  const texts = await vocabularyTexts(sampler.tokenizer)
  const look = looking(sampler, openCachedModel(sampler, options), texts)

  async function* walk(query: PathQuery, signal?: AbortSignal): AsyncGenerator<PathStep, void> {
    const moves = [...query.moves]
    let cell = cellAfter(query)
    for (let step = 0; step < query.steps; step++) {
      const { logProbs, letters, probabilities } = await look({ ...query, moves }, signal)
      const random = rng(query.seed, `step ${moves.length}`)
      const letter = chooseLetter(probabilities, allowedAt(query, cell), query.temperature, random)
      if (letter === 'other') {
        yield { move: textOfOther(logProbs, letters, texts), probabilities, cell, hit: false }
        return
      }
      const next = letter === 'D' || letter === 'U' ? cell : stepFrom(query.maze, cell, letter)
      const hit = next < 0
      if (!hit) cell = next
      yield { move: letter, probabilities, cell, hit }
      if (letter === 'D' || letter === 'U') return
      moves.push(letter)
    }
  }

  return {
    next: async (query, signal) => {
      cellAfter(query)
      return (await look(query, signal)).probabilities
    },
    walk,
  }
}

/** The playground's answer: the steps, and what the whole walk is worth. */
export async function solvePath(
  solver: PathSolver,
  query: PathQuery,
  signal?: AbortSignal,
): Promise<Omit<PathAnswer, 'milliseconds'>> {
  const { maze } = query
  const steps: PathStep[] = []
  for await (const step of solver.walk(query, signal)) steps.push(step)
  const walk: Walk = replay(maze, [...query.moves, ...steps.map(step => step.move)])
  const distances = distancesOf(maze)
  const optimum = distances[maze.start]!
  const path: readonly Direction[] = optimalPath(maze, distances, maze.start)
  return {
    steps: steps.map(({ move, probabilities, cell, hit }) => ({
      move,
      probabilities: { ...probabilities },
      x: cell % maze.width,
      y: Math.floor(cell / maze.width),
      hit,
    })),
    optimum: optimum < 0 ? null : optimum,
    optimalPath: [...path],
    result: {
      end: walk.end,
      reached: walk.reached,
      moves: walk.moves,
      extraMoves: walk.extraMoves,
      wallHits: walk.wallHits,
    },
  }
}
