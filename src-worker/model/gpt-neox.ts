// GPT-NeoX (Black et al. 2022; Pythia): biases everywhere, queries, keys and values interleaved by head, both halves
// side by side or one after the other.
import type { ModelConfig } from '../contract/model'
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf, plain } from './layers/activation'
import { grouped, parallel, serial } from './layers/block'
import { linear, linearLayer } from './layers/linear'
import { layer as layerNorm } from './layers/norm'
import type { WeightSource } from './source'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
}

export const gptNeox = family<Own>({
  name: 'gpt-neox',
  prefix: 'gpt_neox.',
  head: 'embed_out.weight',
  defaults: {
    ...{ vocab_size: 50432, hidden_size: 6144, num_hidden_layers: 44, num_attention_heads: 64 },
    ...{ intermediate_size: 24576, hidden_act: 'gelu', max_position_embeddings: 2048 },
    ...{ layer_norm_eps: 1e-5, tie_word_embeddings: false, use_parallel_residual: true },
    ...{ attention_bias: true },
  },
  read: get => {
    const sizes = sizesOf(get, { kvHeads: undefined, headDim: undefined })
    const keys = {
      thetaKey: 'rotary_emb_base',
      partialKey: 'rotary_pct',
      partial: 0.25,
      roundsUp: true,
    }
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, ...keys }),
      mlpMatrices: 2,
      parallelResidual: get.flag('use_parallel_residual'),
      embedding: 'gpt_neox.embed_in.weight',
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
      },
    })
  },
  build: (config, source) => ({
    blocks: blocksOf(config, layer => block(config, source, `gpt_neox.layers.${layer}`)),
    finish: layerNorm(source, 'gpt_neox.final_layer_norm', config.hiddenSize, config.own.normEps),
  }),
})

function block(config: ModelConfig<Own>, source: WeightSource, name: string) {
  const { hiddenSize: h, mlpSize, heads, headDim } = config
  const { normEps, activation, attentionBias } = config.own
  const wide = 3 * heads * headDim
  const qkv = source.matrix(`${name}.attention.query_key_value.weight`, [wide, h])
  const bias = attentionBias
    ? source.vector(`${name}.attention.query_key_value.bias`, [wide])
    : undefined
  const parts = {
    projections: grouped((n, rows) => linear(n, rows(qkv), bias && rows(bias)), heads, 1, headDim),
    out: linearLayer(source, `${name}.attention.dense`, h, heads * headDim, attentionBias),
    beforeAttention: layerNorm(source, `${name}.input_layernorm`, h, normEps),
    beforeMlp: layerNorm(source, `${name}.post_attention_layernorm`, h, normEps),
    mlp: plain(
      activation,
      linearLayer(source, `${name}.mlp.dense_h_to_4h`, mlpSize, h, true),
      linearLayer(source, `${name}.mlp.dense_4h_to_h`, h, mlpSize, true),
    ),
  }
  return config.parallelResidual ? parallel(parts) : serial(parts)
}
