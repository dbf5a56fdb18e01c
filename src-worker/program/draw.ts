// Drawing the next token inside a program, from a uniform number: as sample/pick.ts does it outside.
// Letters: B lanes, V vocabulary.
import { counting, entryAt, equal, largest, leastLast, runningSum } from '../graph/ops/choose'
import {
  add,
  cast,
  div,
  exp,
  lessOrEqual,
  minimum,
  mul,
  neg,
  sub,
  where,
} from '../graph/ops/elementwise'
import { logSoftmax, softmax } from '../graph/ops/norm'
import { sum } from '../graph/ops/reduce'
import { reshape, slice } from '../graph/ops/shape'
import { ints, type Value } from '../graph/value'

/** How many of the most probable tokens are reported with each step. */
export const alternatives = 20

export interface DrawInputs {
  readonly penalty: Value
  readonly inverseTemperature: Value
  /** [1]: V keeps all */
  readonly topK: Value
  readonly topP: Value
  /** ln of min-p, −1e30 for none */
  readonly logMinP: Value
}

/** Weights of the tokens that may follow, 0 for the others: as sample/pick.ts. [B, V] */
function weightsOf(inputs: DrawInputs, logits: Value, seen: Value): Value {
  const { penalty, inverseTemperature, topK, topP, logMinP } = inputs
  const positive = lessOrEqual(neg(logits), 0)
  const penalised = where(positive, div(logits, penalty), mul(logits, penalty))
  const changed = mul(where(lessOrEqual(seen, 0), logits, penalised), inverseTemperature)
  const { values } = largest(changed, topK, 'k')
  const p = softmax(values)
  const before = sub(runningSum(p), p)
  const inNucleus = lessOrEqual(add(before, 1e-9), topP)
  const nucleus = leastLast(where(inNucleus, values, 1e30))
  const highest = slice(values, 1, 0, 1)
  const least = where(lessOrEqual(nucleus, add(highest, logMinP)), add(highest, logMinP), nucleus)
  return where(lessOrEqual(least, changed), exp(sub(changed, highest)), 0)
}

/** The first token whose running sum of weights exceeds u of their total. weights: [B, V]   u: [B] → [B, 1] int64 */
function drawn(weights: Value, u: Value, vocabulary: number): Value {
  const running = runningSum(weights)
  const total = slice(running, 1, vocabulary - 1, vocabulary)
  const target = mul(reshape(u, ['B', 1]), total)
  const passed = sum(where(lessOrEqual(running, target), 1, 0), [1], true)
  return cast(minimum(passed, vocabulary - 1), 'int64')
}

interface DrawOutputs {
  readonly token: Value
  readonly logProb: Value
  readonly topTokens: Value
  readonly topLogProbs: Value
}

/** One token of each lane. seen: [B, V], 1 for tokens of the lane so far   u: [B] */
export function choose(
  inputs: DrawInputs,
  logits: Value,
  seen: Value,
  u: Value,
  vocabulary: number,
) {
  const token = drawn(weightsOf(inputs, logits, seen), u, vocabulary)
  const logP = logSoftmax(logits)
  const count = Math.min(alternatives, vocabulary)
  const { values, indices } = largest(logP, ints([count]), count)
  const outputs: DrawOutputs = {
    token: reshape(token, ['B']),
    logProb: reshape(entryAt(logP, token, vocabulary), ['B']),
    topTokens: indices,
    topLogProbs: values,
  }
  return { outputs, seen: where(equal(counting(vocabulary), token), 1, seen) }
}
