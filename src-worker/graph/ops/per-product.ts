// Frozen matrices that are not kept as products read them: each product makes its own, forward and backward, and drops it.
// So memory holds one at a time, and what is stored may be smaller (blocks of integers).
import { fail } from '../../contract/fault'
import { type Dims, type DType, ints, makeValue, type Value } from '../value'
import { cast } from './elementwise'
import { shapeOf } from './shape'

interface Type {
  readonly dtype: DType
  readonly dims: Dims
}

const perProductNode = (
  { dtype, dims }: Type,
  made: readonly Value[],
  make: (other: Value) => Value,
): Value => makeValue('PerProduct', made, { dtype, dims }, { extra: { kind: 'per-product', make } })

/** @param make the matrix, from the other factor of the product: it is not to be made before that is known */
export const perProduct = (type: Type, make: (other: Value) => Value): Value =>
  perProductNode(type, [], make)

/** The matrix for one product; any other value as it is. */
export function madeFor(factor: Value, other: Value): Value {
  const { extra } = factor.node
  return extra?.kind === 'per-product'
    ? perProductNode(factor, [extra.make(other)], extra.make)
    : factor
}

/** f of a matrix that products make, as another such matrix; of any other value at once. */
export function derived(x: Value, type: Type, f: (x: Value) => Value): Value {
  const { extra } = x.node
  return extra?.kind === 'per-product' ? perProduct(type, other => f(extra.make(other))) : f(x)
}

/** Integers in blocks along an axis, each block with a scale of its own. */
export interface Blocks {
  /** int8 or int4 */
  readonly integers: Value
  /** float32; the integers' dims, with one number a block along the axis */
  readonly scales: Value
  readonly axis: 0 | 1
  readonly size: number
}

/** The matrix integer·scale in float32, made by each product. */
export function dequantised({ integers, scales, axis, size }: Blocks): Value {
  const type = { dtype: 'float32' as const, dims: integers.dims }
  const attributes = { axis: { int: axis }, block_size: { int: size } }
  return perProduct(type, other =>
    makeValue('DequantizeLinear', [integers, after(scales, other)], type, { attributes }),
  )
}

/** A matrix in another type, cast by each product. */
export function castPerProduct(w: Value, dtype: DType): Value {
  if (w.dtype === dtype) return w
  return perProduct({ dtype, dims: w.dims }, other => cast(after(w, other), dtype))
}

/**
 * A matrix, but not before `other` is known: a reshape to 0·(sizes of other), where 0 keeps a size. It
 * copies nothing, and ORT can neither fold it nor merge it with that of another product while a size of other is unknown.
 */
function after(x: Value, other: Value): Value {
  if (x.dims.length !== 2 || other.dims.length < 2) fail('a product of no matrices')
  const sizes = shapeOf(other, 0, 2)
  const zeros = makeValue('Mul', [sizes, ints([0])], { dtype: 'int64', dims: [2] })
  return makeValue('Reshape', [x, zeros], { dtype: x.dtype, dims: x.dims })
}
