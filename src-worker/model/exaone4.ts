// EXAONE 4 (LG 2025): norms behind each half only, an RMS norm on each head of q and k, windowed layers with rope and
// full layers without.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf, windowedLayers } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { eachHead, rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
}

export const exaone4 = family<Own>({
  name: 'exaone4',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 102400, hidden_size: 4096, intermediate_size: 16384, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, num_key_value_heads: 32, max_position_embeddings: 2048 },
    ...{ hidden_act: 'silu', rms_norm_eps: 1e-5, tie_word_embeddings: false },
    ...{ sliding_window: 4096, sliding_window_pattern: 4 },
  },
  read: get => {
    const sizes = sizesOf(get)
    const window = get.optionalCount('sliding_window')
    const windowed = windowedLayers(get, sizes.layers, layer => {
      // a pattern of letters is read only through layer_types, as in transformers
      return window !== undefined && (layer + 1) % get.count('sliding_window_pattern') !== 0
    })
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      attention: layer =>
        window === undefined ? {} : windowed[layer] ? { window } : { unrotated: true },
      tied: get.flag('tie_word_embeddings'),
      own: { normEps: epsOf(get, 'rms_norm_eps'), activation: activationOf(get, 'hidden_act') },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, heads, kvHeads, headDim, own } = config
    const norm = (name: string, width = h) => rms(source, name, width, own.normEps)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, {
            queries: eachHead(norm(`${name}.self_attn.q_norm`, headDim), heads),
            keys: eachHead(norm(`${name}.self_attn.k_norm`, headDim), kvHeads),
          }),
          afterAttention: norm(`${name}.post_attention_layernorm`),
          mlp: gatedMlp(config, source, `${name}.mlp`),
          afterMlp: norm(`${name}.post_feedforward_layernorm`),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
