// Matrix products. Transposes are flags of the product, so no transposed copy is ever made.
import { fail } from '../../contract/fault'
import { broadcast, dim, sameDims, show } from '../shape'
import { makeValue, type Value } from '../value'
import { add, mul, sameType } from './elementwise'
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
  sameType('MatMul', a, b)
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

/** c·y. A y that is a product takes the factor as its own. y: a value that nothing else reads */
export function times(y: Value, factor: number): Value {
  const { op, inputs, attributes } = y.node
  if (op !== 'MatMul' && op !== 'FusedMatMul') return mul(y, factor)
  const { transA = { int: 0 }, transB = { int: 0 }, alpha = { float: 1 } } = attributes
  const scaled = { float: factor * ('float' in alpha ? alpha.float : 1) }
  const type = { dtype: y.dtype, dims: y.dims }
  return makeValue('FusedMatMul', inputs, type, {
    domain: 'com.microsoft',
    attributes: { transA, transB, alpha: scaled },
  })
}

/** x·Wᵀ + b.   x: [M, I]   W: [O, I]   b: [O] → [M, O] */
export function gemm(x: Value, w: Value, bias?: Value): Value {
  if (dim(x, 1) !== dim(w, 1)) fail(`gemm of ${show(x.dims)} and ${show(w.dims)}ᵀ`)
  sameType('Gemm', x, w)
  if (bias !== undefined) sameType('Gemm', x, bias)
  const attributes = { transB: { int: 1 } }
  const type = { dtype: x.dtype, dims: [dim(x, 0), dim(w, 0)] }
  const factors = [x, madeFor(w, x)]
  return makeValue('Gemm', bias ? [...factors, bias] : factors, type, { attributes })
}

/**
 * skip + y. A y that is a product of rows begins with skip instead of zero, so that no pass over memory adds it.
 * y: a value of its own, which nothing else reads   skip: y's dims
 */
export function onto(skip: Value, y: Value): Value {
  const { op, inputs, attributes } = y.node
  const [x, w, bias] = inputs
  if (op !== 'Gemm' || !sameDims(skip.dims, y.dims)) return add(skip, y)
  const start = bias === undefined ? skip : add(skip, bias)
  return makeValue('Gemm', [x, w, start], { dtype: y.dtype, dims: y.dims }, { attributes })
}

/** onto(skip, y) of a skip that nothing else reads: where both are products with a bias, the biases are summed first. */
export function ontoBoth(skip: Value, y: Value): Value {
  const [x, w, start] = skip.node.inputs
  const bias = y.node.inputs[2]
  const [before, first] = start?.node.op === 'Add' ? start.node.inputs : []
  const both = skip.node.op === 'Gemm' && y.node.op === 'Gemm'
  if (!both || bias === undefined || first === undefined || !sameDims(first.dims, bias.dims))
    return onto(skip, y)
  const type = { dtype: skip.dtype, dims: skip.dims }
  const { inputs, attributes } = y.node
  const started = [inputs[0], inputs[1], add(before!, add(first, bias))]
  const one = makeValue('Gemm', started, type, { attributes })
  return makeValue('Gemm', [x, w, one], type, { attributes: skip.node.attributes })
}
