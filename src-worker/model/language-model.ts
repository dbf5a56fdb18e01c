// What a model family gives the programs: row-wise layers around an attention that is the same for all.
// Rows are [M, H] whatever they mean (whole lanes, prompt rows only, labelled rows only, one token a lane),
// so training, scoring and decoding share every layer; rope, masks and the key-value cache belong to the program,
// which reads how each layer attends in config.attentions.
import type { AttentionForm, ModelConfig, Rope } from '../contract/model'
import { cast } from '../graph/ops/elementwise'
import type { LossHead } from '../graph/ops/loss'
import { rotary } from '../graph/ops/norm'
import type { Value } from '../graph/value'
import type { GemmType } from './source'

/** A row-wise layer: [M, in] → [M, out] */
export type Row = (x: Value) => Value

export interface KeyValue {
  /** [M, Nkv·D], before rotation */
  readonly k: Value
  readonly v: Value
}
export interface Projected extends KeyValue {
  /** [M, N·D], before rotation */
  readonly q: Value
  /** [M, N·3·D]: query, key and value of each head side by side, where one layer makes them so */
  readonly joint?: Value
}

export interface Block {
  readonly project: (x: Value) => Projected
  /** the same for rows of which only queries, or only keys and values, are needed */
  readonly projectQuery: Row
  readonly projectKeyValue: (x: Value) => KeyValue
  /** the skip connection around the attention, and what joins it without attention: [M, H] */
  readonly skip: Row
  /** the block's output from `skip` and the attention's [M, N·D] */
  readonly output: (skip: Value, attended: Value) => Value
}

/** What a family's file builds. Rows of the embedding and of a soft prompt are H wide, rows of the blocks W. */
export interface FamilyParts {
  /** what embedding and prompt rows pass alike before the first block: [M, H] → [M, W]; absent: nothing */
  readonly enter?: Row
  /** learned positions: row p is added at position p. [L, W] */
  readonly positions?: Value
  readonly blocks: readonly Block[]
  /** after the last block: [M, W] → [M, H] */
  readonly finish: Row
  readonly headBias?: Value | undefined
  readonly logitCap?: number | undefined
}

export interface LanguageModel extends Omit<FamilyParts, 'enter' | 'headBias' | 'logitCap'> {
  readonly config: ModelConfig
  readonly gemm: GemmType
  /** folder that the weights' locations are relative to */
  readonly weightsFolder: string
  /** ids: [M] → [M, H] */
  readonly embed: Row
  readonly enter: Row
  readonly head: LossHead
}

/** Cosines and sines of one rope: inputs of every program, [positions, rotaryDim/2]. */
export interface RotaryValues {
  readonly cos: Value
  readonly sin: Value
}

/** Rotate x: [B, S, n·D] or [B, n, S, D] at positions [B, S], or from an offset [1] on; as it is where the layer has no rope. */
export function rotate(
  model: LanguageModel,
  { rope }: AttentionForm,
  x: Value,
  heads: number,
  positions: Value,
  tables: readonly RotaryValues[],
): Value {
  if (rope === undefined) return x
  const { rotaryDim, interleaved } = model.config.ropes[rope] as Rope
  const { cos, sin } = tables[rope]!
  const [c, s] = [cast(cos, x.dtype), cast(sin, x.dtype)]
  return rotary(x, positions, c, s, { heads, rotaryDim, interleaved })
}
