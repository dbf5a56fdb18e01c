// One residual network for all tokens; the bits of its index are the input that names the token.
import { add, mish } from '../graph/ops/elementwise'
import { gemm, matmul } from '../graph/ops/linear'
import { reshape, slice } from '../graph/ops/shape'
import { dim, product } from '../graph/shape'
import { floats, type Value } from '../graph/value'
import type { Generator, Lookup, ShapeOf } from './generator'
import { scaledNorm } from './resnet'
import { positionEncoding } from './state-dict'

type Shape = ShapeOf<'resnet' | 'shared-resnet'>

/** A·[c, bits] + a, the two halves of A applied apart.   → [B, P, R] */
function firstLayer(shape: Shape, parameter: Lookup, conditions: Value): Value {
  const w = parameter('to_residual.weight')
  const { shape: dims, data } = positionEncoding(shape.tokens)
  const bits = dims[1]!
  const fromConditions = matmul(conditions, slice(w, 1, 0, shape.conditions), { transB: true })
  const perLane = reshape(fromConditions, [dim(conditions, 0), 1, shape.residualWidth])
  const x = add(perLane, parameter('to_residual.bias'))
  if (bits === 0) return x
  const ofBits = slice(w, 1, shape.conditions, shape.conditions + bits)
  return add(x, matmul(floats([shape.tokens, bits], data), ofBits, { transB: true }))
}

/** x ← norm(D·mish(U·x + u) + d + x) on rows [B·P, R] */
function residualLayer(x: Value, name: string, parameter: Lookup): Value {
  const layer = (rows: Value, part: string): Value =>
    gemm(rows, parameter(`${name}.${part}.weight`), parameter(`${name}.${part}.bias`))
  const sum = add(layer(mish(layer(x, 'residual_to_hidden')), 'hidden_to_residual'), x)
  const [gamma, beta] = ['weight', 'bias'].map(p => parameter(`${name}.layer_norm.${p}`))
  return scaledNorm(sum, gamma!, beta!)
}

export const sharedResnet: Generator<Shape> = (shape, parameter, conditions) => {
  const lanes = dim(conditions, 0)
  const first = firstLayer(shape, parameter, conditions)
  let x = reshape(mish(first), [product([lanes, shape.tokens]), shape.residualWidth])
  for (let layer = 0; layer < shape.hiddenLayers; layer++)
    x = residualLayer(x, `residual_layers.${layer}`, parameter)
  const rows = gemm(x, parameter('to_embedding.weight'), parameter('to_embedding.bias'))
  return reshape(rows, [lanes, shape.tokens, shape.width])
}
