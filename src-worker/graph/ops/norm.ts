// Normalisations and softmax over the last axis. Their statistics come out of the fused ops, for the backward pass.
import { dim } from '../shape'
import { makeNode, makeValue, type Value } from '../value'

const statistics = (x: Value) => ({
  dtype: 'float32' as const,
  dims: [...x.dims.slice(0, -1), 1],
})

/** γ·(x − mean)/√(variance + eps) + β.   x: […, H]   γ, β: [H] */
export function layerNorm(x: Value, gamma: Value, beta: Value, eps: number): Value {
  const attributes = { axis: { int: -1 }, epsilon: { float: eps } }
  const types = [{ dtype: x.dtype, dims: x.dims }, statistics(x), statistics(x)]
  return makeNode('LayerNormalization', [x, gamma, beta], types, { attributes })[0]!
}

/** γ·x/√(mean(x²) + eps).   x: […, H]   γ: [H]
 * SimplifiedLayerNormalization, because RMSNormalization does not give its statistics. */
export function rmsNorm(x: Value, gamma: Value, eps: number): Value {
  const attributes = { axis: { int: -1 }, epsilon: { float: eps }, stash_type: { int: 1 } }
  const types = [{ dtype: x.dtype, dims: x.dims }, statistics(x)]
  return makeNode('SimplifiedLayerNormalization', [x, gamma], types, { attributes })[0]!
}

/** eˣ/Σeˣ over the last axis */
export function softmax(x: Value): Value {
  const attributes = { axis: { int: x.dims.length - 1 } }
  return makeValue('Softmax', [x], { dtype: x.dtype, dims: x.dims }, { attributes })
}

/** x − log Σeˣ over the last axis */
export function logSoftmax(x: Value): Value {
  const attributes = { axis: { int: x.dims.length - 1 } }
  return makeValue('LogSoftmax', [x], { dtype: x.dtype, dims: x.dims }, { attributes })
}

export interface RotaryOptions {
  readonly heads: number
  /** only the first rotaryDim values of each head are rotated */
  readonly rotaryDim: number
  /** neighbours (2i, 2i+1) make a pair (GPT-J), not the two halves (GPT-NeoX) */
  readonly interleaved?: boolean
}

/**
 * Rotary embedding (Su et al. 2021).
 * x: [B, S, N·D]   positions: [B, S] int64   cos, sin: [positions, rotaryDim/2]
 */
export function rotary(
  x: Value,
  positions: Value,
  cos: Value,
  sin: Value,
  options: RotaryOptions,
): Value {
  const partial = options.rotaryDim * options.heads !== dim(x, 2)
  const attributes = {
    interleaved: { int: options.interleaved === true ? 1 : 0 },
    num_heads: { int: options.heads },
    rotary_embedding_dim: { int: partial ? options.rotaryDim : 0 },
  }
  const type = { dtype: x.dtype, dims: x.dims }
  const inputs = [x, positions, cos, sin]
  return makeValue('RotaryEmbedding', inputs, type, { domain: 'com.microsoft', attributes })
}
