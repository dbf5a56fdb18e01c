// Sums and means over axes. CUDA's ReduceMax, ReduceMin, ArgMax and ArgMin call cuDNN, which is not installed (half a
// gigabyte): maxima are taken otherwise (ops/choose.ts).
import { ints, makeValue, type Value } from '../value'

function reduce(op: string, x: Value, axes: readonly number[], keep: boolean): Value {
  const at = axes.map(a => (a < 0 ? x.dims.length + a : a))
  const dims = x.dims.flatMap((d, i) => (!at.includes(i) ? [d] : keep ? [1] : []))
  const attributes = { keepdims: { int: keep ? 1 : 0 } }
  return makeValue(op, [x, ints(at)], { dtype: x.dtype, dims }, { attributes })
}

const allAxes = (x: Value): readonly number[] => x.dims.map((_, i) => i)

export const sum = (x: Value, axes = allAxes(x), keep = false): Value =>
  reduce('ReduceSum', x, axes, keep)
export const mean = (x: Value, axes = allAxes(x), keep = false): Value =>
  reduce('ReduceMean', x, axes, keep)

/** Sum over the last axis, which stays as 1. */
export const sumLast = (x: Value): Value => sum(x, [-1], true)
export const meanLast = (x: Value): Value => mean(x, [-1], true)
/** Σx² over all axes, without a copy of x²; no gradient */
export const sumOfSquares = (x: Value): Value => reduce('ReduceSumSquare', x, allAxes(x), false)
