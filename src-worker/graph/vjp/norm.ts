// Rules of graph/ops/norm.ts and graph/ops/reduce.ts.
import { div, mul, neg, sub } from '../ops/elementwise'
import { rotary } from '../ops/norm'
import { meanLast, sum, sumLast } from '../ops/reduce'
import { countOf, expandLike, recompute, reshape } from '../ops/shape'
import type { Dim, GradientRule, Node, Value } from '../value'
import { unary } from './rule'

const intAttribute = (node: Node, name: string): number => {
  const attribute = node.attributes[name]
  return attribute !== undefined && 'int' in attribute ? attribute.int : 0
}

const leadingAxes = (x: Value): readonly number[] => x.dims.slice(0, -1).map((_, i) => i)

/** The gradient of a reduction with its reduced axes put back as 1. */
function keepAxes(dy: Value, node: Node): Value {
  const x = node.inputs[0]!
  if (intAttribute(node, 'keepdims') === 1) return dy
  const axes = node.inputs[1]!.node.extra
  const at = axes?.kind === 'constant' ? Array.from(axes.data, Number) : []
  const dims: readonly Dim[] = x.dims.map((d, i) => (at.includes(i) ? 1 : d))
  return reshape(dy, dims)
}

export const normRules: Readonly<Record<string, GradientRule>> = {
  Softmax: unary((dy, _x, y) => () => {
    const s = mul(dy, y)
    return sub(s, mul(y, sumLast(s)))
  }),
  /** x̂ = (x − μ)/σ;  dx = (γdy − mean(γdy) − x̂·mean(γdy·x̂))/σ */
  LayerNormalization: (dys, node) => {
    const dy = dys[0]!
    const [x, gamma] = [node.inputs[0]!, node.inputs[1]!]
    const [, mean, inverse] = node.outputs as readonly [Value, Value, Value]
    const normal = (): Value => mul(sub(recompute(x, dy), mean), inverse)
    return [
      () => {
        const xHat = normal()
        const g = mul(dy, gamma)
        const inner = sub(sub(g, meanLast(g)), mul(xHat, meanLast(mul(g, xHat))))
        return mul(inner, inverse)
      },
      () => sum(mul(dy, normal()), leadingAxes(dy)),
      () => sum(dy, leadingAxes(dy)),
    ]
  },
  /** x̂ = x/ρ, ρ = √(mean x² + eps);  dx = (γdy − x̂·mean(γdy·x̂))/ρ */
  SimplifiedLayerNormalization: (dys, node) => {
    const dy = dys[0]!
    const [x, gamma] = [node.inputs[0]!, node.inputs[1]!]
    const inverse = node.outputs[1]!
    return [
      () => {
        const xHat = mul(recompute(x, dy), inverse)
        const g = mul(dy, gamma)
        return mul(sub(g, mul(xHat, meanLast(mul(g, xHat)))), inverse)
      },
      () => sum(mul(dy, mul(x, inverse)), leadingAxes(dy)),
    ]
  },
  /** a rotation's transpose is the rotation by the negative angle */
  RotaryEmbedding: (dys, node) => {
    const [, positions, cos, sin] = node.inputs as readonly [Value, Value, Value, Value]
    const heads = intAttribute(node, 'num_heads')
    const partial = intAttribute(node, 'rotary_embedding_dim')
    const rotaryDim = partial || Number(node.inputs[0]!.dims[2]) / heads
    const interleaved = intAttribute(node, 'interleaved') === 1
    return [() => rotary(dys[0]!, positions, cos, neg(sin), { heads, rotaryDim, interleaved })]
  },
  ReduceSum: (dys, node) => [() => expandLike(keepAxes(dys[0]!, node), node.inputs[0]!)],
  ReduceMean: (dys, node) => {
    const [x, y] = [node.inputs[0]!, node.outputs[0]!]
    const share = (dy: Value): Value => div(mul(dy, countOf(y)), countOf(x))
    return [() => expandLike(share(keepAxes(dys[0]!, node)), x)]
  },
}
