// Gemma 2 (2024): Gemma with four norms a block, every other layer windowed, scores and logits capped by tanh, and a
// scale of the scores from config.json.
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
  readonly logitCap: number | undefined
}

export const gemma2 = family<Own>({
  name: 'gemma2',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 256000, hidden_size: 2304, intermediate_size: 9216, num_hidden_layers: 26 },
    ...{ num_attention_heads: 8, num_key_value_heads: 4, head_dim: 256, attention_bias: false },
    ...{ max_position_embeddings: 8192, hidden_activation: 'gelu_pytorch_tanh' },
    ...{ rms_norm_eps: 1e-6, tie_word_embeddings: true, query_pre_attn_scalar: 256 },
    ...{ sliding_window: 4096, final_logit_softcapping: 30, attn_logit_softcapping: 50 },
  },
  read: get => {
    const sizes = sizesOf(get)
    const window = get.optionalCount('sliding_window')
    const windowed = windowedLayers(get, sizes.layers, layer => layer % 2 === 0)
    const scale = 1 / Math.sqrt(get.number('query_pre_attn_scalar'))
    const cap = get.optionalNumber('attn_logit_softcapping')
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      attention: layer => ({
        scale,
        ...(cap !== undefined && { cap }),
        ...(window !== undefined && windowed[layer] && { window }),
      }),
      embeddingScale: Math.sqrt(sizes.hiddenSize),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        activation: activationOf(get, 'hidden_activation'),
        attentionBias: get.flag('attention_bias'),
        logitCap: get.optionalNumber('final_logit_softcapping'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, own } = config
    const norm = (name: string) => rms(source, name, h, own.normEps, true)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: own.attentionBias }),
          beforeAttention: norm(`${name}.input_layernorm`),
          afterAttention: norm(`${name}.post_attention_layernorm`),
          beforeMlp: norm(`${name}.pre_feedforward_layernorm`),
          mlp: gatedMlp(config, source, `${name}.mlp`),
          afterMlp: norm(`${name}.post_feedforward_layernorm`),
        })
      }),
      finish: norm('model.norm'),
      logitCap: own.logitCap,
    }
  },
})
