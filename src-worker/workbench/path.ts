// The path playground's calls: boards from a seed, and walks of the prompted model on any board.

import { boardOfMaze, mazeOfBoard } from '../behaviours/paths/boards'
import { randomMaze } from '../behaviours/paths/generator'
import { openPathSolver, type PathQuery, solvePath } from '../behaviours/paths/solver'
import type { Board, PathAnswer, PathRequest } from '../contract/playground'
import { rng } from '../stream/rng'
import type { PromptedModels } from './prompted-models'

export interface BoardRequest {
  readonly seed: number
  readonly width: number
  readonly height: number
}

/** The same board for the same seed and size, everywhere. */
export function randomBoard({ seed, width, height }: BoardRequest): Board {
  return boardOfMaze(randomMaze(rng(seed, `board ${width}x${height}`), width, height))
}

function queryOf(request: PathRequest): PathQuery {
  const { board, moves, spaces, movesLine, extraMoves, wallHits } = request
  const { constrained, temperature, seed, steps } = request
  const maze = mazeOfBoard(board)
  const format = { spaces, movesLine }
  return { maze, format, moves, extraMoves, wallHits, constrained, temperature, seed, steps }
}

export function openPathRoom(promptedModels: PromptedModels) {
  return async (request: PathRequest, signal: AbortSignal): Promise<PathAnswer> => {
    const query = queryOf(request)
    const { sampler, snapshot, prefixToken } = await promptedModels.open(request.promptedModel)
    const began = performance.now()
    const solver = await openPathSolver(sampler, {
      ...(snapshot === undefined ? {} : { snapshot }),
      startToken: prefixToken !== undefined,
    })
    const answer = await solvePath(solver, query, signal)
    return { ...answer, milliseconds: performance.now() - began }
  }
}
