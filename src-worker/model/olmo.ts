// OLMo 1 (2024): Llama with norms that have no weights, and q, k, v cut off at ±clip_qkv before rope.
import type { Value } from '../graph/value'
import { ropeOf } from './config/rope'
import { described, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf, clamp } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { bareLayer } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly activation: Activation
  readonly attentionBias: boolean
  readonly clip: number | undefined
}

/** no key of config.json */
const normEps = 1e-5

export const olmo = family<Own>({
  name: 'olmo',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 50304, hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, max_position_embeddings: 2048, hidden_act: 'silu' },
    ...{ tie_word_embeddings: false, attention_bias: false },
  },
  read: get => {
    const sizes = sizesOf(get)
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      tied: get.flag('tie_word_embeddings'),
      own: {
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
        clip: get.optionalNumber('clip_qkv'),
      },
    })
  },
  build: (config, source) => {
    const { own } = config
    const norm = bareLayer(config.hiddenSize, normEps)
    const clip = (x: Value): Value => (own.clip === undefined ? x : clamp(x, own.clip))
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: own.attentionBias, clip }),
          beforeAttention: norm,
          beforeMlp: norm,
          mlp: gatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: norm,
    }
  },
})
