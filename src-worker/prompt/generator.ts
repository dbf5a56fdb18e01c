// What every kind of soft prompt is to a program: parameters (and conditions) → rows.
import type { PromptShape } from '../contract/snapshot'
import { add } from '../graph/ops/elementwise'
import { matmul } from '../graph/ops/linear'
import { reshape } from '../graph/ops/shape'
import { size } from '../graph/shape'
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
