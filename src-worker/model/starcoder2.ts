// StarCoder 2 (Lozhkov et al. 2024): LayerNorms, a plain MLP, biases everywhere, grouped key heads, perhaps a window.
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
  readonly bias: boolean
}

export const starcoder2 = family<Own>({
  name: 'starcoder2',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 49152, hidden_size: 3072, intermediate_size: 12288, num_hidden_layers: 30 },
    ...{ num_attention_heads: 24, num_key_value_heads: 2, max_position_embeddings: 4096 },
    ...{ hidden_act: 'gelu_pytorch_tanh', norm_epsilon: 1e-5, use_bias: true },
    ...{ tie_word_embeddings: true },
  },
  read: get => {
    const sizes = sizesOf(get)
    const window = get.optionalCount('sliding_window')
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      attention: () => (window === undefined ? {} : { window }),
      mlpMatrices: 2,
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'norm_epsilon'),
        activation: activationOf(get, 'hidden_act'),
        bias: get.flag('use_bias'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, own } = config
    const norm = (name: string) => layerNorm(source, name, h, own.normEps)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: own.bias }),
          beforeAttention: norm(`${name}.input_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: plain(
            own.activation,
            linearLayer(source, `${name}.mlp.c_fc`, mlpSize, h, own.bias),
            linearLayer(source, `${name}.mlp.c_proj`, h, mlpSize, own.bias),
          ),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
