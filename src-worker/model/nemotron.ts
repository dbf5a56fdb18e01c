// Nemotron (NVIDIA 2024): LayerNorms of 1 + weight, an MLP of squared ReLU without gate, rope on a part of each head.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf, plain } from './layers/activation'
import { serial } from './layers/block'
import { linearLayer } from './layers/linear'
import { layer as layerNorm } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
  readonly mlpBias: boolean
}

export const nemotron = family<Own>({
  name: 'nemotron',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 256000, hidden_size: 6144, intermediate_size: 24576, num_hidden_layers: 32 },
    ...{ num_attention_heads: 48, max_position_embeddings: 4096, hidden_act: 'relu2' },
    ...{ norm_eps: 1e-5, tie_word_embeddings: false, attention_bias: false, mlp_bias: false },
  },
  read: get => {
    const sizes = sizesOf(get)
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, partial: 0.5, roundsUp: true }),
      mlpMatrices: 2,
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
        mlpBias: get.flag('mlp_bias'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, own } = config
    const norm = (name: string) => layerNorm(source, name, h, own.normEps, { plusOne: true })
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: own.attentionBias }),
          beforeAttention: norm(`${name}.input_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: plain(
            own.activation,
            linearLayer(source, `${name}.mlp.up_proj`, mlpSize, h, own.mlpBias),
            linearLayer(source, `${name}.mlp.down_proj`, h, mlpSize, own.mlpBias),
          ),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
