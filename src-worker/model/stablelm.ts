// StableLM (2024): Llama with LayerNorms, rope on a part of each head, perhaps both halves side by side, and perhaps a
// LayerNorm for each head of q and k.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { parallel, serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { layer as layerNorm, layerOfHeads } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly bias: boolean
  readonly normedHeads: boolean
}

export const stablelm = family<Own>({
  name: 'stablelm',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 50304, hidden_size: 2560, intermediate_size: 6912, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, num_key_value_heads: 32, max_position_embeddings: 4096 },
    ...{ hidden_act: 'silu', layer_norm_eps: 1e-5, tie_word_embeddings: false },
    ...{ use_qkv_bias: false, qk_layernorm: false, use_parallel_residual: false },
  },
  read: get => {
    const sizes = sizesOf(get, { headDim: undefined })
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, partial: 0.25 }),
      parallelResidual: get.flag('use_parallel_residual'),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        bias: get.flag('use_qkv_bias'),
        normedHeads: get.flag('qk_layernorm'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, heads, kvHeads, headDim, own } = config
    const norm = (name: string) => layerNorm(source, name, h, own.normEps)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        const perHead = (part: string, count: number) =>
          layerOfHeads(
            source,
            head => `${name}.self_attn.${part}.norms.${head}.weight`,
            [count, headDim],
            own.normEps,
          )
        const normed = own.normedHeads && {
          queries: perHead('q_layernorm', heads),
          keys: perHead('k_layernorm', kvHeads),
        }
        const before = norm(`${name}.input_layernorm`)
        const attention = { bias: own.bias, outBias: false, ...normed }
        const parts = {
          ...selfAttention(config, source, `${name}.self_attn`, attention),
          beforeAttention: before,
          mlp: gatedMlp(config, source, `${name}.mlp`),
        }
        return config.parallelResidual
          ? parallel({ ...parts, beforeMlp: before })
          : serial({ ...parts, beforeMlp: norm(`${name}.post_attention_layernorm`) })
      }),
      finish: norm('model.norm'),
    }
  },
})
