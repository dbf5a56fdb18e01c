// The names and shapes that a model's files must hold, in Hugging Face's spelling.
// Letters: H hidden, N heads, D head width, V vocabulary, M mlp. Linear weights are [out, in].
import type { GptNeoxConfig, LlamaConfig, ModelConfig } from '../contract/model'

export type Shapes = ReadonlyMap<string, readonly number[]>
type NamedShapes = readonly (readonly [name: string, shape: readonly number[]])[]

const norm = (name: string, width: number): NamedShapes => [
  [`${name}.weight`, [width]],
  [`${name}.bias`, [width]],
]

const linear = (name: string, out: number, into: number, bias: boolean): NamedShapes => [
  [`${name}.weight`, [out, into]],
  ...(bias ? ([[`${name}.bias`, [out]]] as const) : []),
]

function gptNeoxLayer(c: GptNeoxConfig, layer: number): NamedShapes {
  const at = `gpt_neox.layers.${layer}`
  const [h, m] = [c.hiddenSize, c.mlpSize]
  return [
    ...norm(`${at}.input_layernorm`, h),
    ...norm(`${at}.post_attention_layernorm`, h),
    ...linear(`${at}.attention.query_key_value`, 3 * h, h, c.attentionBias),
    ...linear(`${at}.attention.dense`, h, h, c.attentionBias),
    ...linear(`${at}.mlp.dense_h_to_4h`, m, h, true),
    ...linear(`${at}.mlp.dense_4h_to_h`, h, m, true),
  ]
}

function gptNeox(c: GptNeoxConfig): NamedShapes {
  const layers = Array.from({ length: c.layers }, (_, layer) => gptNeoxLayer(c, layer))
  const matrix = [c.vocabularySize, c.hiddenSize]
  return [
    ['gpt_neox.embed_in.weight', matrix],
    ...layers.flat(),
    ...norm('gpt_neox.final_layer_norm', c.hiddenSize),
    ...(c.tiedHead ? [] : ([['embed_out.weight', matrix]] as const)),
  ]
}

function llamaLayer(c: LlamaConfig, layer: number): NamedShapes {
  const at = `model.layers.${layer}`
  const [h, m, q, kv] = [c.hiddenSize, c.mlpSize, c.heads * c.headDim, c.kvHeads * c.headDim]
  return [
    [`${at}.input_layernorm.weight`, [h]],
    [`${at}.post_attention_layernorm.weight`, [h]],
    ...linear(`${at}.self_attn.q_proj`, q, h, c.attentionBias),
    ...linear(`${at}.self_attn.k_proj`, kv, h, c.attentionBias),
    ...linear(`${at}.self_attn.v_proj`, kv, h, c.attentionBias),
    ...linear(`${at}.self_attn.o_proj`, h, q, c.attentionBias),
    ...linear(`${at}.mlp.gate_proj`, m, h, c.mlpBias),
    ...linear(`${at}.mlp.up_proj`, m, h, c.mlpBias),
    ...linear(`${at}.mlp.down_proj`, h, m, c.mlpBias),
  ]
}

function llama(c: LlamaConfig): NamedShapes {
  const layers = Array.from({ length: c.layers }, (_, layer) => llamaLayer(c, layer))
  const matrix = [c.vocabularySize, c.hiddenSize]
  return [
    ['model.embed_tokens.weight', matrix],
    ...layers.flat(),
    ['model.norm.weight', [c.hiddenSize]],
    ...(c.tiedHead ? [] : ([['lm_head.weight', matrix]] as const)),
  ]
}

export const expectedTensors = (config: ModelConfig): Shapes =>
  new Map(config.family === 'llama' ? llama(config) : gptNeox(config))

/** What a tensor's name begins with when it belongs to this layer. */
export const layerPrefix = (config: ModelConfig, layer: number): string =>
  `${config.family === 'llama' ? 'model' : 'gpt_neox'}.layers.${layer}.`

/** The token embedding [V, H]: the one tensor that every part of the workbench may want to read. */
export const embeddingName = (config: ModelConfig): string =>
  config.family === 'llama' ? 'model.embed_tokens.weight' : 'gpt_neox.embed_in.weight'
