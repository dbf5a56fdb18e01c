// Choosing among the last axis: forward only, for sampling inside a program.
import { broadcast } from '../shape'
import {
  asValue,
  constant,
  type Dim,
  ints,
  makeNode,
  makeValue,
  type Operand,
  type Value,
} from '../value'
import { neg, where } from './elementwise'
import { sum } from './reduce'

export interface Largest {
  /** […, k], largest first */
  readonly values: Value
  readonly indices: Value
}

/** The k largest of the last axis. k: [1] int64; `size` names it among the dims */
export function largest(x: Value, k: Value, size: Dim): Largest {
  const dims = [...x.dims.slice(0, -1), size]
  const types = [
    { dtype: x.dtype, dims },
    { dtype: 'int64' as const, dims },
  ]
  const attributes = { axis: { int: -1 }, largest: { int: 1 }, sorted: { int: 1 } }
  const [values, indices] = makeNode('TopK', [x, k], types, { attributes })
  return { values: values!, indices: indices! }
}

/** Running sums along the last axis. */
export function runningSum(x: Value): Value {
  const axis = asValue(x.dims.length - 1, 'int64')
  return makeValue('CumSum', [x, axis], { dtype: x.dtype, dims: x.dims })
}

export function equal(a: Value, b: Operand): Value {
  const y = asValue(b, a.dtype)
  return makeValue('Equal', [a, y], { dtype: 'bool', dims: broadcast(a.dims, y.dims) })
}

/** 0 … size−1 as int64 */
export const counting = (size: number): Value =>
  constant(
    'int64',
    [size],
    BigInt64Array.from({ length: size }, (_, i) => BigInt(i)),
  )

/** The entry of each row at an index. x: [B, V]   index: [B, 1] int64 → [B, 1] */
export function entryAt(x: Value, index: Value, width: number): Value {
  return sum(where(equal(counting(width), index), x, 0), [1], true)
}

/** Maximum of the last axis, which stays as 1. A TopK of one: CUDA's ReduceMax needs cuDNN. */
export const greatestLast = (x: Value): Value => largest(x, ints([1]), 1).values

/** Minimum of the last axis, which stays as 1. */
export const leastLast = (x: Value): Value => neg(greatestLast(neg(x)))
