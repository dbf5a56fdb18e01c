// GLM 4 (Zhipu 2024–25; GLM-4-0414 and later): Llama with a norm on each side of each half, gate and up in one tensor, rope
// of neighbouring pairs on a part of each head, biases on q, k and v.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { serial } from './layers/block'
import { fusedGatedMlp } from './layers/gated-mlp'
import { rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
}

export const glm4 = family<Own>({
  name: 'glm4',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 151552, hidden_size: 4096, intermediate_size: 13696, num_hidden_layers: 40 },
    ...{ num_attention_heads: 32, num_key_value_heads: 2, head_dim: 128 },
    ...{ max_position_embeddings: 131072, hidden_act: 'silu', rms_norm_eps: 1.5625e-7 },
    ...{ tie_word_embeddings: false, attention_bias: true },
  },
  read: get => {
    const sizes = sizesOf(get)
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, partial: 0.5, interleaved: true, roundsUp: true }),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, own } = config
    const norm = (name: string) => rms(source, name, h, own.normEps)
    const attention = { bias: own.attentionBias, outBias: false }
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, attention),
          beforeAttention: norm(`${name}.input_layernorm`),
          afterAttention: norm(`${name}.post_self_attn_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: fusedGatedMlp(config, source, `${name}.mlp`),
          afterMlp: norm(`${name}.post_mlp_layernorm`),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
