// Command R (Cohere 2024): attention and gated MLP side by side from one LayerNorm without bias, rope of neighbouring
// pairs, logits times logit_scale, perhaps a LayerNorm for each head of q and k.
// Command R7B and A (Cohere 2 in transformers): windowed layers with rope, every fourth full and without.
import type { ModelConfig } from '../contract/model'
import { mul } from '../graph/ops/elementwise'
import type { ConfigReader } from './config/reader'
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf, windowedLayers } from './config/sizes'
import { blocksOf, type Family, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { parallel } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { layer as layerNorm, layerOfHeads } from './layers/norm'
import { selfAttention } from './layers/self-attention'
import type { WeightSource } from './source'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
  readonly normedHeads: boolean
  readonly logitScale: number
}

const shared = {
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 256000, hidden_size: 8192, intermediate_size: 22528, logit_scale: 0.0625 },
    ...{ num_hidden_layers: 40, num_attention_heads: 64, max_position_embeddings: 8192 },
    ...{ hidden_act: 'silu', layer_norm_eps: 1e-5, tie_word_embeddings: true },
    ...{ attention_bias: false, use_qk_norm: false },
    ...{ sliding_window: 4096, sliding_window_pattern: 4 },
  },
  build: (config: ModelConfig<Own>, source: WeightSource) => {
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
} satisfies Partial<Family<Own>>

/** What both give to `described`. @param normedHeads whether queries and keys pass a norm */
const settings = (get: ConfigReader, normedHeads: boolean) => ({
  parallelResidual: true,
  tied: get.flag('tie_word_embeddings'),
  own: {
    normEps: epsOf(get, 'layer_norm_eps'),
    activation: activationOf(get, 'hidden_act'),
    attentionBias: get.flag('attention_bias'),
    normedHeads,
    logitScale: get.number('logit_scale'),
  },
})

export const cohere = family<Own>({
  ...shared,
  name: 'cohere',
  read: get => {
    const sizes = sizesOf(get)
    const rope = ropeOf(get, { ...sizes, theta: 5e5, interleaved: true })
    return described({ ...settings(get, get.flag('use_qk_norm')), sizes, rope })
  },
})

export const cohere2 = family<Own>({
  ...shared,
  name: 'cohere2',
  read: get => {
    const sizes = sizesOf(get)
    const window = get.optionalCount('sliding_window')
    const every = get.count('sliding_window_pattern')
    const windowed = windowedLayers(get, sizes.layers, layer => (layer + 1) % every !== 0)
    return described({
      ...settings(get, false),
      sizes,
      rope: ropeOf(get, { ...sizes, interleaved: true }),
      // transformers rotates where it has a window
      attention: layer =>
        window !== undefined && windowed[layer] ? { window } : { unrotated: true },
    })
  },
})
