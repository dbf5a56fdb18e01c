// Affine layers over rows.
import { add, cast } from '../../graph/ops/elementwise'
import { gemm, matmul } from '../../graph/ops/linear'
import type { Value } from '../../graph/value'
import type { Row } from '../language-model'
import type { WeightSource } from '../source'
import { folded } from './folded'

/** x·Wᵀ + b, the product in W's dtype, the rest in x's.   x: [M, I]   W: [O, I]   b: [O] → [M, O] */
export function linear(rows: Value, matrix: Value, shift?: Value): Value {
  const { x, w, bias } = folded({ x: rows, w: matrix, bias: shift })
  if (w.dtype === x.dtype) return gemm(x, w, bias)
  const y = cast(gemm(cast(x, w.dtype), w), x.dtype)
  return bias === undefined ? y : add(y, bias)
}

/** The layer whose tensors are `name.weight` [out, in] and, where biased, `name.bias` [out]. */
export function linearLayer(
  source: WeightSource,
  name: string,
  out: number,
  into: number,
  biased: boolean,
): Row {
  const w = source.matrix(`${name}.weight`, [out, into])
  const b = biased ? source.vector(`${name}.bias`, [out]) : undefined
  return x => linear(x, w, b)
}

/** Some rows of a fused layer's weight as a layer of their own: the file's bytes are used where they lie. */
export function partLayer(
  source: WeightSource,
  name: string,
  dims: readonly [out: number, into: number],
  [from, to]: readonly [from: number, to: number],
  biased: boolean,
): Row {
  const w = source.matrixRows(`${name}.weight`, dims, from, to)
  const b = biased ? source.vectorRows(`${name}.bias`, [dims[0]], from, to) : undefined
  return x => linear(x, w, b)
}

/** x·W + b of a weight that is stored [in, out] (GPT-2's Conv1D). */
export function conv1d(source: WeightSource, name: string, into: number, out: number): Row {
  const matrix = source.matrix(`${name}.weight`, [into, out], 0)
  const shift = source.vector(`${name}.bias`, [out])
  return rows => {
    const { x, w, bias } = folded({ x: rows, w: matrix, bias: shift }, 0)
    return add(cast(matmul(cast(x, w.dtype), w), x.dtype), bias!)
  }
}
