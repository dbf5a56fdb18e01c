// What every kind of soft prompt is to a program: parameters (and conditions) → rows; and the kinds without residual layers.

import type { PromptShape } from '../contract/snapshot'
import { add, mish } from '../graph/ops/elementwise'
import { gemm, matmul } from '../graph/ops/linear'
import { reshape, transpose } from '../graph/ops/shape'
import { dim, size } from '../graph/shape'
import type { Value } from '../graph/value'

/** A trained tensor by the engine's name (prompt/state-dict.ts). */
export type Lookup = (name: string) => Value

/**
 * Rows of the soft prompt: [P, H] when the same for all lanes, else [B, P, H].
 * conditions: [B, C]
 */
export type Generator<S extends PromptShape = PromptShape> = (
  shape: S,
  parameter: Lookup,
  conditions: Value,
) => Value

export type ShapeOf<T extends PromptShape['type']> = Extract<PromptShape, { readonly type: T }>

/** One linear layer a token, all in one batched product. x: [P, B, I]   weight: [P, O, I]   bias: [P, O] → [P, B, O] */
export function perToken(x: Value, name: string, parameter: Lookup): Value {
  const w = parameter(`${name}.weight`)
  const b = parameter(`${name}.bias`)
  const bias = reshape(b, [size(b, 0), 1, size(b, 1)])
  return add(matmul(x, w, { transB: true }), bias)
}

/** The rows themselves are trained. */
export const direct: Generator<ShapeOf<'direct'>> = (_shape, parameter) => parameter('embedding')

/** rows = reshape(W·c + b).   W: [P·H, C] */
export const linear: Generator<ShapeOf<'linear'>> = ({ tokens, width }, parameter, conditions) => {
  const rows = gemm(conditions, parameter('linear.weight'), parameter('linear.bias'))
  return reshape(rows, [dim(conditions, 0), tokens, width])
}

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
