// Moving values about: nothing here adds or multiplies.
import { fail } from '../../contract/fault'
import { dim, product, show, total } from '../shape'
import { type Dim, type Dims, ints, makeNode, makeValue, type Value } from '../value'
import { cast } from './elementwise'

/** The sizes of x as an int64 vector, or of its dims from..to. */
export function shapeOf(x: Value, from = 0, to = x.dims.length): Value {
  const attributes = { start: { int: from }, end: { int: to } }
  return makeValue('Shape', [x], { dtype: 'int64', dims: [to - from] }, { attributes })
}

/**
 * x with other dims. A symbol that stands at the same index in x is kept (0 in ONNX), one other symbol may be
 * inferred (−1); more than one are read from `witness`, a value that has them among its dims.
 */
export function reshape(x: Value, dims: Dims, witness?: Value): Value {
  const plain = plainShape(x, dims)
  if (plain !== undefined) return makeValue('Reshape', [x, plain], { dtype: x.dtype, dims })
  return toShape(x, witnessedShape(dims, witness ?? fail(unknown(x, dims))), dims)
}

/** x with the sizes that `shape` holds at run time, where 0 means 0. */
export const toShape = (x: Value, shape: Value, dims: Dims): Value =>
  makeValue(
    'Reshape',
    [x, shape],
    { dtype: x.dtype, dims },
    { attributes: { allowzero: { int: 1 } } },
  )

const unknown = (x: Value, dims: Dims): string =>
  `reshape ${show(x.dims)} to ${show(dims)}: more than one size is unknown`

function plainShape(x: Value, dims: Dims): Value | undefined {
  let inferred = 0
  const entries = dims.map((d, i) => {
    if (typeof d === 'number') return d
    if (d === x.dims[i]) return 0
    inferred++
    return -1
  })
  return inferred > 1 ? undefined : ints(entries)
}

function witnessedShape(dims: Dims, witness: Value): Value {
  const parts = dims.map(d => {
    if (typeof d === 'number') return ints([d])
    const index = witness.dims.indexOf(d)
    return index < 0 ? fail(`no ${d} in ${show(witness.dims)}`) : shapeOf(witness, index, index + 1)
  })
  return concat(parts, 0)
}

/** x with the dims of `like`, whatever they are. */
export function reshapeLike(x: Value, like: Value): Value {
  if (plainShape(x, like.dims) !== undefined) return reshape(x, like.dims)
  return toShape(x, shapeOf(like), like.dims)
}

/**
 * x, but not before g is known: a reshape to g's shape, which is x's own, and so costs nothing.
 * ORT runs nodes in reverse depth-first order and merges equal ones, so what is recomputed for the backward
 * pass must hang on the incoming gradient. It holds only while a dim is symbolic (else it is folded away).
 */
export function barrier(x: Value, g: Value): Value {
  if (x.dims.every(d => typeof d === 'number')) fail(`barrier on static ${show(x.dims)}`)
  return toShape(x, shapeOf(g), x.dims)
}

/** x in the backward pass: not before g is known, where a symbolic dim lets us say so. */
export const recompute = (x: Value, g: Value): Value =>
  x.dims.some(d => typeof d === 'string') ? barrier(x, g) : x

export function transpose(x: Value, perm: readonly number[]): Value {
  const dims = perm.map(i => dim(x, i))
  const attributes = { perm: { ints: perm } }
  return makeValue('Transpose', [x], { dtype: x.dtype, dims }, { attributes })
}

/** @param size symbol of the joined dim, when the parts' sizes are not numbers */
export function concat(parts: readonly Value[], axis: number, size?: Dim): Value {
  const first = parts[0] ?? fail('concat of nothing')
  const joined = size ?? total(parts.map(p => dim(p, axis)))
  const dims = first.dims.map((d, i) => (i === axis ? joined : d))
  const attributes = { axis: { int: axis } }
  return makeValue('Concat', parts, { dtype: first.dtype, dims }, { attributes })
}

/** Parts of the given sizes along an axis; `sizes` holds them at run time when they are symbols. */
export function split(
  x: Value,
  axis: number,
  parts: readonly Dim[],
  sizes: Value = ints(parts as readonly number[]),
): readonly Value[] {
  const types = parts.map(part => ({
    dtype: x.dtype,
    dims: x.dims.map((d, i) => (i === axis ? part : d)),
  }))
  return makeNode('Split', [x, sizes], types, { attributes: { axis: { int: axis } } })
}

/** x[indices] along the first axis. x: [N, …]   indices: [I…] → [I…, …] */
export function gather(x: Value, indices: Value): Value {
  const dims = [...indices.dims, ...x.dims.slice(1)]
  const attributes = { axis: { int: 0 } }
  return makeValue('Gather', [x, indices], { dtype: x.dtype, dims }, { attributes })
}

/** Rows of a table in the table's dtype; one that is cast is cast after gathering, so that it is never widened whole. */
export function gatherRows(table: Value, indices: Value): Value {
  const { op, inputs } = table.node
  if (op !== 'Cast') return gather(table, indices)
  return cast(gather(inputs[0]!, indices), table.dtype)
}

/** from ≤ index < to along an axis, both numbers */
export function slice(x: Value, axis: number, from: number, to: number): Value {
  const dims = x.dims.map((d, i) => (i === axis ? to - from : d))
  const inputs = [x, ints([from]), ints([to]), ints([axis])]
  return makeValue('Slice', inputs, { dtype: x.dtype, dims })
}

/** Zeros of x's shape. */
export const zerosLike = (x: Value): Value =>
  cast(makeValue('ConstantOfShape', [shapeOf(x)], { dtype: 'float32', dims: x.dims }), x.dtype)

/** x repeated to the shape of `like`, to which it broadcasts. */
export const expandLike = (x: Value, like: Value): Value =>
  makeValue('Expand', [x, shapeOf(like)], { dtype: x.dtype, dims: like.dims })

/** [A, B, …] → [A·B, …] */
export const flatten2 = (x: Value): Value =>
  reshape(x, [product(x.dims.slice(0, 2)), ...x.dims.slice(2)])

/** How many numbers x holds, as a scalar of x's dtype. */
export function countOf(x: Value): Value {
  const count = makeValue('Size', [x], { dtype: 'int64', dims: [] })
  return cast(count, x.dtype)
}
