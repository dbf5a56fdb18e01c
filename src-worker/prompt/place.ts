// Putting prompt rows among text rows, and taking rows out again. Only gathers, forward and backward:
// each gradient is fetched from where its row went, so nothing is scattered and nothing races.
import { cast, mul } from '../graph/ops/elementwise'
import { sum } from '../graph/ops/reduce'
import { concat, gather, reshape } from '../graph/ops/shape'
import { withGradient } from '../graph/ops/with-gradient'
import { dim, product } from '../graph/shape'
import { floats, type Value } from '../graph/value'

/** Where each slot of B lanes comes from. */
export interface Placement {
  /** [B, S] int64: row of (text rows, then prompt rows) in slot s of lane b */
  readonly order: Value
  /** [B, P] int64: flat slot b·S + s of prompt token p */
  readonly promptAt: Value
  /** [B, P]: 1, or 0 for a prompt token that the lane does not hold */
  readonly promptMask: Value
}

/**
 * Text and prompt rows in the order of their slots; a gradient flows to the prompt only.
 * text: [B·T, C]   prompt: [P, C] shared by the lanes, or [B·P, C] → [B·S, C]
 */
export function place(text: Value, prompt: Value, placement: Placement): Value {
  const { order, promptAt, promptMask } = placement
  const [b, p] = promptAt.dims
  const both = concat([text, prompt], 0)
  const rows = reshape(order, [product(order.dims)])
  return withGradient(gather(both, rows), [prompt], dy => [
    () => {
      const mask = reshape(promptMask, [b!, p!, 1])
      const perLane = mul(cast(gather(dy, promptAt), 'float32'), mask)
      const sums = dim(prompt, 0) === p ? sum(perLane, [0]) : reshape(perLane, prompt.dims)
      return cast(sums, prompt.dtype)
    },
  ])
}

/**
 * x[indices], its gradient gathered back by the inverse. x: [M, C]   indices: [R]
 * inverse: [M] int64: the r with indices[r] = m, or R where there is none
 */
export function select(x: Value, indices: Value, inverse: Value): Value {
  const y = gather(x, indices)
  return withGradient(y, [x], dy => [
    () => {
      const width = Number(x.dims[1])
      const zero = cast(floats([1, width], new Float32Array(width)), dy.dtype)
      return gather(concat([dy, zero], 0), inverse)
    },
  ])
}
