// What a model family gives the programs: row-wise layers around an attention that is the same for all.
// Rows are [M, H] whatever they mean (whole lanes, prompt rows only, labelled rows only, one token a lane),
// so training, scoring and decoding share every layer; rope, masks and the key-value cache belong to the program.
import type { ModelConfig } from '../contract/model'
import { rotary } from '../graph/ops/norm'
import type { Value } from '../graph/value'
import { rotaryDimOf } from './rope'
import type { GemmType } from './source'

export interface KeyValue {
  /** [M, Nkv·D], before rotation */
  readonly k: Value
  readonly v: Value
}
export interface Projected extends KeyValue {
  /** [M, N·D], before rotation */
  readonly q: Value
}

export interface Block {
  readonly project: (x: Value) => Projected
  /** the same for rows of which only queries, or only keys and values, are needed */
  readonly projectQuery: (x: Value) => Value
  readonly projectKeyValue: (x: Value) => KeyValue
  /** the part of the block's output that does not need the attention: [M, H] */
  readonly early: (x: Value) => Value
  /** the block's output from `early` and the attention's [M, N·D] */
  readonly late: (early: Value, attended: Value) => Value
}

export interface LanguageModel {
  readonly config: ModelConfig
  readonly gemm: GemmType
  readonly keyHeads: number
  /** folder that the weights' locations are relative to */
  readonly weightsFolder: string
  /** ids: [M] → [M, H] */
  readonly embed: (ids: Value) => Value
  readonly blocks: readonly Block[]
  readonly finalNorm: (x: Value) => Value
  /** [V, H] */
  readonly head: Value
}

/** Cosines and sines of the rope: inputs of every program, [positions, rotaryDim/2]. */
export interface RotaryValues {
  readonly cos: Value
  readonly sin: Value
}

/** Rotate x: [B, S, n·D] at positions [B, S], or from an offset [1] on. */
export function rotate(
  model: LanguageModel,
  x: Value,
  heads: number,
  positions: Value,
  table: RotaryValues,
): Value {
  return rotary(x, positions, table.cos, table.sin, { heads, rotaryDim: rotaryDimOf(model.config) })
}
