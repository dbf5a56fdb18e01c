// OLMo 2 (2024): norms behind each half, not before, and RMS norms over the whole of q and of k before rope.
// OLMo 3 (2025): the same with windowed layers, every fourth full, each kind with a rope of its own.
import type { ModelConfig } from '../contract/model'
import type { ConfigReader } from './config/reader'
import { layeredRopes, ropeOf } from './config/rope'
import { described, epsOf, sizesOf, windowedLayers } from './config/sizes'
import { blocksOf, type Family, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'
import type { WeightSource } from './source'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
}

const ownOf = (get: ConfigReader): Own => ({
  normEps: epsOf(get, 'rms_norm_eps'),
  activation: activationOf(get, 'hidden_act'),
  attentionBias: get.flag('attention_bias'),
})

const shared = {
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 50304, hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, max_position_embeddings: 2048, hidden_act: 'silu' },
    ...{ rms_norm_eps: 1e-5, tie_word_embeddings: false, attention_bias: false },
    ...{ sliding_window: 4096 },
  },
  build: (config: ModelConfig<Own>, source: WeightSource) => ({
    blocks: blocksOf(config, layer => block(config, source, `model.layers.${layer}`)),
    finish: rms(source, 'model.norm', config.hiddenSize, config.own.normEps),
  }),
} satisfies Partial<Family<Own>>

export const olmo2 = family<Own>({
  ...shared,
  name: 'olmo2',
  read: get => {
    const sizes = sizesOf(get)
    const tied = get.flag('tie_word_embeddings')
    return described({ sizes, rope: ropeOf(get, sizes), tied, own: ownOf(get) })
  },
})

export const olmo3 = family<Own>({
  ...shared,
  name: 'olmo3',
  read: get => {
    const sizes = sizesOf(get)
    const { full, sliding } = layeredRopes(get, { ...sizes, theta: 5e5 }, { theta: 5e5 })
    const window = get.optionalCount('sliding_window')
    const windowed = windowedLayers(get, sizes.layers, layer => (layer + 1) % 4 !== 0)
    return described({
      sizes,
      ropes: [full, sliding],
      attention: layer =>
        windowed[layer] ? { rope: 1, ...(window !== undefined && { window }) } : {},
      tied: get.flag('tie_word_embeddings'),
      own: ownOf(get),
    })
  },
})

function block(config: ModelConfig<Own>, source: WeightSource, name: string) {
  const { hiddenSize: h, heads, kvHeads, headDim, own } = config
  const norm = (part: string, width = h) => rms(source, `${name}.${part}`, width, own.normEps)
  return serial({
    ...selfAttention(config, source, `${name}.self_attn`, {
      bias: own.attentionBias,
      queries: norm('self_attn.q_norm', heads * headDim),
      keys: norm('self_attn.k_norm', kvHeads * headDim),
    }),
    afterAttention: norm('post_attention_layernorm'),
    mlp: gatedMlp(config, source, `${name}.mlp`),
    afterMlp: norm('post_feedforward_layernorm'),
  })
}
