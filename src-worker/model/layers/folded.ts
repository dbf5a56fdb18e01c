// Norms folded into the frozen layers behind them, where passes over rows cost more than matrices made when a session opens:
//   (γ∘x̂ + β)·Wᵀ + b = x̂·W′ᵀ + b′,   W′ = W·diag γ,   b′ = b + W·β
// LayerNorm's x̂ sums to nothing, so the mean of each row of W′ may be taken off; then what comes back to x̂ sums to nothing too.

import { add, cast, mul, sub } from '../../graph/ops/elementwise'
import { matmul } from '../../graph/ops/linear'
import { type NormKind, normedRows } from '../../graph/ops/norm'
import { mean } from '../../graph/ops/reduce'
import { reshape } from '../../graph/ops/shape'
import { size } from '../../graph/shape'
import type { Value } from '../../graph/value'
import { keptByTwo } from '../../shared/kept'

/** What a norm did: y = γ∘x̂ + β. */
interface Affine {
  readonly x: Value
  readonly kind: NormKind
  readonly gamma: Value
  readonly beta: Value | undefined
}

const norms = new WeakMap<Value, Affine>()

/** y, which layers may read as x̂ with matrices of their own. */
export function foldable(y: Value, norm: Affine): Value {
  norms.set(y, norm)
  return y
}

export interface Affines {
  readonly x: Value
  /** [O, I], or [I, O] where `axis` is 0 */
  readonly w: Value
  readonly bias: Value | undefined
}

/** The same layer of normed rows, or the layer as it is. @param axis of w that the product sums over */
export function folded(layer: Affines, axis: 0 | 1 = 1): Affines {
  const norm = norms.get(layer.x)
  if (norm === undefined || layer.w.node.extra?.kind === 'per-product') return layer
  const { w, bias } = layer
  const made = matrixOf(w, norm, axis)
  const shift = norm.beta && shiftOf(w, norm.beta, axis)
  const sum = shift && bias ? add(shift, wide(bias)) : shift
  const x = normedRows(norm.x, norm.kind)
  return { x, w: made, bias: sum ? cast(sum, x.dtype) : bias }
}

/** A frozen value in float32, as it was before it was rounded. */
const wide = (v: Value): Value => cast(v.node.op === 'Cast' ? v.node.inputs[0]! : v, 'float32')

// matrix → γ → folded: several products of one layer share it
const matrices = keptByTwo<Value, Value, Value>()

const matrixOf = (w: Value, norm: Affine, axis: 0 | 1): Value =>
  matrices(w, norm.gamma, () => scaledBy(w, norm, axis))

function scaledBy(w: Value, { gamma, kind }: Affine, axis: 0 | 1): Value {
  const factor = wide(gamma)
  const scaled = mul(wide(w), axis === 1 ? factor : reshape(factor, [size(w, 0), 1]))
  const centre = mean(scaled, [axis], true)
  return cast(kind.name === 'layer' ? sub(scaled, centre) : scaled, w.dtype)
}

/** W·β: [O] */
function shiftOf(w: Value, beta: Value, axis: 0 | 1): Value {
  const [column, row] = [reshape(wide(beta), [size(w, axis), 1]), [1, size(w, axis)]]
  const shift = axis === 1 ? matmul(wide(w), column) : matmul(reshape(column, row), wide(w))
  return reshape(shift, [size(w, 1 - axis)])
}
