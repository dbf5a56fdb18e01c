// Qwen 2 and 2.5: Llama with biases on q, k and v, and perhaps a window in the later layers.
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
}

export const qwen2 = family<Own>({
  name: 'qwen2',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 151936, hidden_size: 4096, intermediate_size: 22016, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, num_key_value_heads: 32, max_position_embeddings: 32768 },
    ...{ hidden_act: 'silu', rms_norm_eps: 1e-6, tie_word_embeddings: false },
    ...{ use_sliding_window: false, sliding_window: 4096, max_window_layers: 28 },
  },
  read: get => {
    const sizes = sizesOf(get)
    const used = get.flag('use_sliding_window')
    const window = used ? get.optionalCount('sliding_window') : undefined
    const from = get.number('max_window_layers')
    const windowed = windowedLayers(get, sizes.layers, layer => layer >= from)
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      attention: layer => (window !== undefined && windowed[layer] ? { window } : {}),
      tied: get.flag('tie_word_embeddings'),
      own: { normEps: epsOf(get, 'rms_norm_eps'), activation: activationOf(get, 'hidden_act') },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, own } = config
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: true, outBias: false }),
          beforeAttention: rms(source, `${name}.input_layernorm`, h, own.normEps),
          beforeMlp: rms(source, `${name}.post_attention_layernorm`, h, own.normEps),
          mlp: gatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: rms(source, 'model.norm', h, own.normEps),
    }
  },
})
