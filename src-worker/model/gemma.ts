// Gemma 1 (2024): Llama with norms of 1 + weight, a tanh-GELU gate, and token embeddings times √H.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
}

export const gemma = family<Own>({
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
    const said = activationOf(get, 'hidden_act')
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      embeddingScale: Math.sqrt(sizes.hiddenSize),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        // published files say gelu and mean its tanh form
        activation: said === 'gelu' ? 'gelu_pytorch_tanh' : said,
        attentionBias: get.flag('attention_bias'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, own } = config
    const norm = (name: string) => rms(source, name, h, own.normEps, true)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: own.attentionBias }),
          beforeAttention: norm(`${name}.input_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: gatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
