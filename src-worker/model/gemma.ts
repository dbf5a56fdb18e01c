// Gemma 1 (2024): Llama with norms of 1 + weight, a tanh-GELU gate, and token embeddings times √H. What the later ones share
// with it stands here too.
import type { ModelConfig } from '../contract/model'
import type { ConfigReader } from './config/reader'
import { ropeOf } from './config/rope'
import { described, epsOf, type ModelSizes, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import type { Row } from './language-model'
import { type Activation, activationOf } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'
import type { WeightSource } from './source'

export interface GemmaOwn {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
}

/** What all of them give to `described`. @param key of the activation */
export const gemmaSettings = (get: ConfigReader, sizes: ModelSizes, key: string) => ({
  sizes,
  embeddingScale: Math.sqrt(sizes.hiddenSize),
  tied: get.flag('tie_word_embeddings'),
  own: {
    normEps: epsOf(get, 'rms_norm_eps'),
    activation: activationOf(get, key),
    attentionBias: get.flag('attention_bias'),
  },
})

/** Norms of 1 + weight, by the name of their module. */
export const gemmaNorms =
  ({ hiddenSize, own }: ModelConfig<GemmaOwn>, source: WeightSource) =>
  (name: string, width = hiddenSize): Row =>
    rms(source, name, width, own.normEps, true)

export const gemma = family<GemmaOwn>({
  name: 'gemma',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 256000, hidden_size: 3072, intermediate_size: 24576, num_hidden_layers: 28 },
    ...{ num_attention_heads: 16, num_key_value_heads: 16, head_dim: 256 },
    ...{ max_position_embeddings: 8192, hidden_act: 'gelu_pytorch_tanh', rms_norm_eps: 1e-6 },
    ...{ tie_word_embeddings: true, attention_bias: false },
  },
  read: get => {
    const sizes = sizesOf(get)
    const { own, ...settings } = gemmaSettings(get, sizes, 'hidden_act')
    // published files say gelu and mean its tanh form
    const activation = own.activation === 'gelu' ? 'gelu_pytorch_tanh' : own.activation
    return described({ ...settings, rope: ropeOf(get, sizes), own: { ...own, activation } })
  },
  build: (config, source) => {
    const norm = gemmaNorms(config, source)
    const { attentionBias: bias } = config.own
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias }),
          beforeAttention: norm(`${name}.input_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: gatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
