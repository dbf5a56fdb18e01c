// A small residual network a token.
import { add, mish, mul } from '../graph/ops/elementwise'
import { gemm } from '../graph/ops/linear'
import { layerNorm } from '../graph/ops/norm'
import { reshape, transpose } from '../graph/ops/shape'
import { dim, size } from '../graph/shape'
import { floats, type Value } from '../graph/value'
import { type Generator, type Lookup, perToken, type ShapeOf } from './generator'

const eps = 1e-5

/** γ·x̂ + β with a γ and β of its own for each token or for all. x: [P | B, …, R] */
export function scaledNorm(x: Value, gamma: Value, beta: Value): Value {
  const width = size(x, -1)
  const ones = floats([width], new Float32Array(width).fill(1))
  const zeros = floats([width], new Float32Array(width))
  return add(mul(layerNorm(x, ones, zeros, eps), gamma), beta)
}

/** x ← norm(D·mish(U·x + u) + d + x).   x: [P, B, R] */
function residualLayer(x: Value, name: string, parameter: Lookup): Value {
  const hidden = mish(perToken(x, `${name}.residual_to_hidden`, parameter))
  const sum = add(perToken(hidden, `${name}.hidden_to_residual`, parameter), x)
  const gamma = parameter(`${name}.layer_norm.weight`)
  const beta = parameter(`${name}.layer_norm.bias`)
  const column = [size(gamma, 0), 1, size(gamma, 1)]
  return scaledNorm(sum, reshape(gamma, column), reshape(beta, column))
}

/** x₀ = mish(A·c + a); residual layers; row = Ex + e */
export const resnet: Generator<ShapeOf<'resnet' | 'shared-resnet'>> = (
  shape,
  parameter,
  conditions,
) => {
  const first = gemm(conditions, parameter('to_residual.weight'), parameter('to_residual.bias'))
  const lanes = dim(conditions, 0)
  let x = transpose(reshape(mish(first), [lanes, shape.tokens, shape.residualWidth]), [1, 0, 2])
  for (let layer = 0; layer < shape.hiddenLayers; layer++)
    x = residualLayer(x, `residual_layers.${layer}`, parameter)
  return transpose(perToken(x, 'to_embedding', parameter), [1, 0, 2])
}
