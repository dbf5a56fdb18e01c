// Phi 1, 1.5 and 2 (2023): attention and MLP side by side from one LayerNorm, biases everywhere, rope on a part of each head.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf, plain } from './layers/activation'
import { parallel } from './layers/block'
import { linearLayer } from './layers/linear'
import { eachHead, layer as layerNorm } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly normedHeads: boolean
}

export const phi = family<Own>({
  name: 'phi',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 51200, hidden_size: 2048, intermediate_size: 8192, num_hidden_layers: 24 },
    ...{ num_attention_heads: 32, max_position_embeddings: 2048, hidden_act: 'gelu_new' },
    ...{ layer_norm_eps: 1e-5, tie_word_embeddings: false, qk_layernorm: false },
  },
  read: get => {
    const sizes = sizesOf(get)
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, partial: 0.5 }),
      mlpMatrices: 2,
      parallelResidual: true,
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        normedHeads: get.flag('qk_layernorm'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, heads, kvHeads, headDim, vocabularySize, own } = config
    const norm = (name: string, width = h) => layerNorm(source, name, width, own.normEps)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        const before = norm(`${name}.input_layernorm`)
        const perHead = (part: string, count: number) =>
          eachHead(norm(`${name}.self_attn.${part}`, headDim), count)
        const normed = own.normedHeads && {
          queries: perHead('q_layernorm', heads),
          keys: perHead('k_layernorm', kvHeads),
        }
        return parallel({
          ...selfAttention(config, source, `${name}.self_attn`, {
            bias: true,
            out: 'dense',
            ...normed,
          }),
          beforeAttention: before,
          beforeMlp: before,
          mlp: plain(
            own.activation,
            linearLayer(source, `${name}.mlp.fc1`, mlpSize, h, true),
            linearLayer(source, `${name}.mlp.fc2`, h, mlpSize, true),
          ),
        })
      }),
      finish: norm('model.final_layernorm'),
      headBias: source.vector('lm_head.bias', [vocabularySize]),
    }
  },
})
