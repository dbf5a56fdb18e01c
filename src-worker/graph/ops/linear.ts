// Matrix products. Transposes are flags of the product, so no transposed copy is ever made.
import { fail } from '../../contract/fault'
import { broadcast, dim, show } from '../shape'
import { makeValue, type Value } from '../value'
import { madeFor } from './per-product'

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
  const factors = [madeFor(a, b), madeFor(b, a)]
  if (!transA && !transB && alpha === 1) return makeValue('MatMul', factors, type)
  const attributes = {
    transA: { int: transA ? 1 : 0 },
    transB: { int: transB ? 1 : 0 },
    alpha: { float: alpha },
  }
  return makeValue('FusedMatMul', factors, type, { domain: 'com.microsoft', attributes })
}

/** x·Wᵀ + b.   x: [M, I]   W: [O, I]   b: [O] → [M, O] */
export function gemm(x: Value, w: Value, bias?: Value): Value {
  if (dim(x, 1) !== dim(w, 1)) fail(`gemm of ${show(x.dims)} and ${show(w.dims)}ᵀ`)
  const attributes = { transB: { int: 1 } }
  const type = { dtype: x.dtype, dims: [dim(x, 0), dim(w, 0)] }
  const factors = [x, madeFor(w, x)]
  return makeValue('Gemm', bias ? [...factors, bias] : factors, type, { attributes })
}
