// Rules of graph/ops/shape.ts: what was moved is moved back.

import { fail } from '../../contract/fault'
import { once } from '../../shared/once'
import { concat, reshapeLike, shapeOf, split, transpose, zerosLike } from '../ops/shape'
import { dim } from '../shape'
import { type GradientRule, ints, makeValue, type Node, type Value } from '../value'
import { unary } from './rule'

const axisOf = (node: Node): number => {
  const axis = node.attributes.axis
  return axis !== undefined && 'int' in axis ? axis.int : 0
}

export const shapeRules: Readonly<Record<string, GradientRule>> = {
  Reshape: unary((dy, x) => () => reshapeLike(dy, x)),
  Transpose: (dys, node) => {
    const perm = node.attributes.perm
    const forward =
      perm !== undefined && 'ints' in perm ? perm.ints : fail('transpose without perm')
    return [
      () =>
        transpose(
          dys[0]!,
          forward.map((_, i) => forward.indexOf(i)),
        ),
    ]
  },
  Concat: (dys, node) => {
    const axis = axisOf(node)
    const parts = node.inputs as readonly Value[]
    const chunks = once(() => splitLike(dys[0]!, axis, parts))
    return parts.map((_, i) => () => chunks()[i]!)
  },
  Split: (dys, node) => {
    const parts = dys.map((dy, i) => dy ?? zerosLike(node.outputs[i]!))
    const axis = axisOf(node)
    return [() => concat(parts, axis, dim(node.inputs[0]!, axis))]
  },
  Gather: (dys, node) => [() => scatterAdd(node.inputs[0]!, node.inputs[1]!, dys[0]!)],
  Slice: (dys, node) => [() => padLike(dys[0]!, node)],
  Expand: unary(dy => () => dy),
}

/** dy cut into chunks as long as the parts. */
function splitLike(dy: Value, axis: number, parts: readonly Value[]): readonly Value[] {
  const sizes = parts.map(p => dim(p, axis))
  if (sizes.every(s => typeof s === 'number')) return split(dy, axis, sizes)
  const lengths = concat(
    parts.map(p => shapeOf(p, axis, axis + 1)),
    0,
  )
  return split(dy, axis, sizes, lengths)
}

/** Zeros of x's shape to whose rows dy's rows are added. indices: [I] */
function scatterAdd(x: Value, indices: Value, dy: Value): Value {
  const column = makeValue('Unsqueeze', [indices, ints([indices.dims.length])], {
    dtype: 'int64',
    dims: [...indices.dims, 1],
  })
  const type = { dtype: x.dtype, dims: x.dims }
  const attributes = { reduction: { string: 'add' } }
  return makeValue('ScatterND', [zerosLike(x), column, dy], type, { attributes })
}

/** dy with zeros before and after it, as long as the input of the slice. */
function padLike(dy: Value, node: Node): Value {
  const x = node.inputs[0]!
  const [from, to, axes] = node.inputs.slice(1).map(v => {
    const extra = v?.node.extra
    return extra?.kind === 'constant' ? Number(extra.data[0]) : fail('slice with moving bounds')
  }) as [number, number, number]
  const size = dim(x, axes)
  if (typeof size !== 'number') fail('slice of a symbolic axis has no gradient')
  const rank = x.dims.length
  const pads = new Array<number>(2 * rank).fill(0)
  pads[axes] = from
  pads[rank + axes] = Number(size) - to
  return makeValue('Pad', [dy, ints(pads)], { dtype: x.dtype, dims: x.dims })
}
