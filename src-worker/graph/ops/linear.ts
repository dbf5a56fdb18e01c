// Matrix products. Transposes are flags of the product, so no transposed copy is ever made.
import { fail } from '../../contract/fault'
import { broadcast, dim, show } from '../shape'
import { makeValue, type Value } from '../value'

export interface ProductOptions {
  readonly transA?: boolean
  readonly transB?: boolean
  /** factor of the product */
  readonly alpha?: number
}

/** α·op(a)·op(b) over the last two axes; batch axes broadcast. */
export function matmul(a: Value, b: Value, options: ProductOptions = {}): Value {
  const { transA = false, transB = false, alpha = 1 } = options
  const inner = [dim(a, transA ? -2 : -1), dim(b, transB ? -1 : -2)]
  if (inner[0] !== inner[1]) fail(`matmul of ${show(a.dims)} and ${show(b.dims)}`)
  const batch = broadcast(a.dims.slice(0, -2), b.dims.slice(0, -2))
  const dims = [...batch, dim(a, transA ? -1 : -2), dim(b, transB ? -2 : -1)]
  const type = { dtype: a.dtype, dims }
  if (!transA && !transB && alpha === 1) return makeValue('MatMul', [a, b], type)
  const attributes = {
    transA: { int: transA ? 1 : 0 },
    transB: { int: transB ? 1 : 0 },
    alpha: { float: alpha },
  }
  return makeValue('FusedMatMul', [a, b], type, { domain: 'com.microsoft', attributes })
}

/** x·Wᵀ + b.   x: [M, I]   W: [O, I]   b: [O] → [M, O] */
export function gemm(x: Value, w: Value, bias?: Value): Value {
  if (dim(x, 1) !== dim(w, 1)) fail(`gemm of ${show(x.dims)} and ${show(w.dims)}ᵀ`)
  const attributes = { transB: { int: 1 } }
  const type = { dtype: x.dtype, dims: [dim(x, 0), dim(w, 0)] }
  return makeValue('Gemm', bias ? [x, w, bias] : [x, w], type, { attributes })
}
