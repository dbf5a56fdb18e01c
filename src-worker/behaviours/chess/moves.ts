// Distributions over legal moves, and how one is chosen of them.

import { fail } from '../../contract/fault'
import { argmax } from '../../sample/pick'
import type { Rng } from '../../stream/rng'
import type { LegalMove, Situation } from './position'

export interface ChessQuery extends Situation {
  readonly whiteElo: number
  readonly blackElo: number
}

export interface ScoredMove extends LegalMove {
  /** of the move's text and its end, given the game so far */
  readonly probability: number
  readonly logProb: number
}

export interface MoveDistribution {
  /** every legal move, most probable first */
  readonly moves: readonly ScoredMove[]
  /** 1 − Σ probability: the model would write something else */
  readonly illegalMass: number
  /** the text that the model saw */
  readonly context: string
}

export type Choice =
  | { readonly kind: 'argmax' }
  /** 0: argmax */
  | { readonly kind: 'temperature'; readonly temperature: number }
  | { readonly kind: 'top-p'; readonly topP: number; readonly temperature: number }

/** p^(1/temperature), scaled to sum 1; from logarithms, so that nothing underflows. */
function tempered(moves: readonly ScoredMove[], temperature: number): number[] {
  const logs = moves.map(move => move.logProb / temperature)
  const most = Math.max(...logs)
  const weights = logs.map(log => Math.exp(log - most))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map(weight => weight / sum)
}

/** How many of the most probable ones reach the mass p, the crossing one included. @param sorted falling */
function nucleus(sorted: readonly number[], p: number): number {
  let mass = 0
  for (const [i, probability] of sorted.entries()) {
    mass += probability
    if (mass >= p) return i + 1
  }
  return sorted.length
}

/** One of the moves; probabilities are taken among them alone. @param moves at least one, most probable first */
export function chooseMove(moves: readonly ScoredMove[], choice: Choice, random: Rng): ScoredMove {
  if (moves.length === 0) return fail('no move to choose from')
  if (choice.kind === 'argmax' || choice.temperature === 0)
    return moves[argmax(moves.map(move => move.logProb))]!
  const probabilities = tempered(moves, choice.temperature)
  const kept = choice.kind === 'top-p' ? nucleus(probabilities, choice.topP) : moves.length
  const total = probabilities.slice(0, kept).reduce((a, b) => a + b, 0)
  let left = random.uniform() * total
  for (let i = 0; i < kept; i++) {
    left -= probabilities[i]!
    if (left < 0) return moves[i]!
  }
  return moves[kept - 1]!
}
