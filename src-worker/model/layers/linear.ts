// Affine layers over rows.
import { add, cast } from '../../graph/ops/elementwise'
import { gemm } from '../../graph/ops/linear'
import type { Value } from '../../graph/value'

/** x·Wᵀ + b, the product in W's dtype, the rest in x's.   x: [M, I]   W: [O, I]   b: [O] → [M, O] */
export function linear(x: Value, w: Value, bias?: Value): Value {
  if (w.dtype === x.dtype) return gemm(x, w, bias)
  const y = cast(gemm(cast(x, w.dtype), w), x.dtype)
  return bias === undefined ? y : add(y, bias)
}
