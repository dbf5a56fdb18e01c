// Command R (Cohere 2024): attention and gated MLP side by side from one LayerNorm without bias, rope of neighbouring
// pairs, logits times logit_scale, perhaps a LayerNorm for each head of q and k.
import { mul } from '../graph/ops/elementwise'
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { parallel } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { layer as layerNorm, layerOfHeads } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
  readonly normedHeads: boolean
  readonly logitScale: number
}

export const cohere = family<Own>({
  name: 'cohere',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 256000, hidden_size: 8192, intermediate_size: 22528, logit_scale: 0.0625 },
    ...{ num_hidden_layers: 40, num_attention_heads: 64, max_position_embeddings: 8192 },
    ...{ hidden_act: 'silu', layer_norm_eps: 1e-5, tie_word_embeddings: true },
    ...{ attention_bias: false, use_qk_norm: false, eos_token_id: 255001, bos_token_id: 5 },
  },
  read: get => {
    const sizes = sizesOf(get)
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, theta: 5e5, interleaved: true }),
      parallelResidual: true,
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
        normedHeads: get.flag('use_qk_norm'),
        logitScale: get.number('logit_scale'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, heads, kvHeads, headDim, own } = config
    const norm = (name: string) => layerNorm(source, name, h, own.normEps, { bias: false })
    const last = norm('model.norm')
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        const perHead = (part: string, count: number) =>
          layerOfHeads(source, `${name}.self_attn.${part}.weight`, [count, headDim], own.normEps)
        const normed = own.normedHeads && {
          queries: perHead('q_norm', heads),
          keys: perHead('k_norm', kvHeads),
        }
        const before = norm(`${name}.input_layernorm`)
        const attention = { bias: own.attentionBias, ...normed }
        return parallel({
          ...selfAttention(config, source, `${name}.self_attn`, attention),
          beforeAttention: before,
          beforeMlp: before,
          mlp: gatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: x => mul(last(x), own.logitScale),
    }
  },
})
