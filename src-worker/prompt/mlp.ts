// A small network a token, with Mish between its layers: conditions → W … W → H.
import { mish } from '../graph/ops/elementwise'
import { gemm } from '../graph/ops/linear'
import { reshape, transpose } from '../graph/ops/shape'
import { dim } from '../graph/shape'
import { type Generator, perToken, type ShapeOf } from './generator'

/** x₀ = mish(A·c + a);  xₗ₊₁ = mish(Bₗxₗ + bₗ);  row = Ex + e, each token with its own B, b, E, e */
export const mlp: Generator<ShapeOf<'mlp'>> = (shape, parameter, conditions) => {
  const first = gemm(
    conditions,
    parameter('input_layer.linear.weight'),
    parameter('input_layer.linear.bias'),
  )
  const lanes = dim(conditions, 0)
  let x = transpose(reshape(mish(first), [lanes, shape.tokens, shape.hiddenWidth]), [1, 0, 2])
  for (let layer = 0; layer < shape.hiddenLayers; layer++)
    x = mish(perToken(x, `layers.${layer}.linear`, parameter))
  return transpose(perToken(x, 'to_embedding', parameter), [1, 0, 2])
}
