// Small residual networks: one a token, and one that all tokens share, which is given the token's number in bits.
import { add, mish, mul } from '../graph/ops/elementwise'
import { gemm, matmul } from '../graph/ops/linear'
import { layerNorm } from '../graph/ops/norm'
import { reshape, slice, transpose } from '../graph/ops/shape'
import { dim, product, size } from '../graph/shape'
import { floats, type Value } from '../graph/value'
import { type Generator, type Lookup, perToken, type ShapeOf } from './generator'
import { positionEncoding } from './state-dict'

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
function sharedLayer(x: Value, name: string, parameter: Lookup): Value {
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
    x = sharedLayer(x, `residual_layers.${layer}`, parameter)
  const rows = gemm(x, parameter('to_embedding.weight'), parameter('to_embedding.bias'))
  return reshape(rows, [lanes, shape.tokens, shape.width])
}
