// Qwen 3: Llama with an RMS norm on each head of q and k before rope, a head width of its own, and perhaps windows.
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
  readonly attentionBias: boolean
}

export const qwen3 = family<Own>({
  name: 'qwen3',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 151936, hidden_size: 4096, intermediate_size: 22016, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, num_key_value_heads: 32, head_dim: 128 },
    ...{ max_position_embeddings: 32768, hidden_act: 'silu', rms_norm_eps: 1e-6 },
    ...{ tie_word_embeddings: false, attention_bias: false },
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
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, heads, kvHeads, headDim, own } = config
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        const perHead = (part: string, count: number) =>
          eachHead(rms(source, `${name}.self_attn.${part}`, headDim, own.normEps), count)
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, {
            bias: own.attentionBias,
            queries: perHead('q_norm', heads),
            keys: perHead('k_norm', kvHeads),
          }),
          beforeAttention: rms(source, `${name}.input_layernorm`, h, own.normEps),
          beforeMlp: rms(source, `${name}.post_attention_layernorm`, h, own.normEps),
          mlp: gatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: rms(source, 'model.norm', h, own.normEps),
    }
  },
})
