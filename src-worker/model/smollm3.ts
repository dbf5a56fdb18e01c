// SmolLM 3 (2025): Llama in which some layers, by default every fourth, have no rope (Yang et al. 2025).
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf, windowedLayers } from './config/sizes'
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
  readonly mlpBias: boolean
}

export const smollm3 = family<Own>({
  name: 'smollm3',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 128256, hidden_size: 2048, intermediate_size: 11008, num_hidden_layers: 36 },
    ...{ num_attention_heads: 16, num_key_value_heads: 4, max_position_embeddings: 32768 },
    ...{ hidden_act: 'silu', rms_norm_eps: 1e-6, tie_word_embeddings: true },
    ...{ attention_bias: false, mlp_bias: false, no_rope_layer_interval: 4 },
    ...{ use_sliding_window: false },
  },
  read: get => {
    const sizes = sizesOf(get)
    const [listed, every] = [get.raw('no_rope_layers'), get.count('no_rope_layer_interval')]
    const rotated = (layer: number): boolean =>
      Array.isArray(listed) ? Boolean(listed[layer]) : (layer + 1) % every !== 0
    const window = get.optionalCount('sliding_window')
    // decides where layer_types are not given, and only there
    const used = get.flag('use_sliding_window') && window !== undefined
    const windowed = windowedLayers(get, sizes.layers, layer => used && !rotated(layer))
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, theta: 2e6 }),
      attention: layer => ({
        unrotated: !rotated(layer),
        ...(window !== undefined && windowed[layer] && { window }),
      }),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
        mlpBias: get.flag('mlp_bias'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, own } = config
    const norm = (name: string) => rms(source, name, h, own.normEps)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: own.attentionBias }),
          beforeAttention: norm(`${name}.input_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: gatedMlp(config, source, `${name}.mlp`, own.mlpBias),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
