// Gemma 3 (2025), and the text part of its multimodal folders: four norms a block, a norm on each head of q and k,
// windowed layers with a rope of their own, every n-th layer full.
import { isPlain } from '../shared/plain-object'
import { layeredRopes } from './config/rope'
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
  readonly logitCap: number | undefined
}

export const gemma3 = family<Own>({
  name: 'gemma3',
  prefix: 'model.',
  wrappers: ['language_model.model.', 'model.language_model.', 'language_model.'],
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 262208, hidden_size: 2304, intermediate_size: 9216, num_hidden_layers: 26 },
    ...{ num_attention_heads: 8, num_key_value_heads: 4, head_dim: 256, attention_bias: false },
    ...{ max_position_embeddings: 131072, hidden_activation: 'gelu_pytorch_tanh' },
    ...{ rms_norm_eps: 1e-6, tie_word_embeddings: true, query_pre_attn_scalar: 256 },
    ...{ sliding_window: 4096, sliding_window_pattern: 6 },
  },
  read: get => {
    const sizes = sizesOf(get)
    const { full, sliding } = layeredRopes(
      get,
      { ...sizes, theta: 1e6 },
      { theta: 1e4, key: 'rope_local_base_freq' },
    )
    const window = get.optionalCount('sliding_window')
    const every = get.count('sliding_window_pattern')
    const windowed = windowedLayers(get, sizes.layers, layer => (layer + 1) % every !== 0)
    const scale = 1 / Math.sqrt(get.number('query_pre_attn_scalar'))
    // transformers keeps this key and does not use it; the cap of the logits it uses in text models only
    get.raw('attn_logit_softcapping')
    const cap = get.optionalNumber('final_logit_softcapping')
    const wrapped = isPlain(get.raw('text_config'))
    return described({
      sizes,
      ropes: [full, sliding],
      attention: layer => ({
        scale,
        ...(windowed[layer] && { rope: 1, ...(window !== undefined && { window }) }),
      }),
      embeddingScale: Math.sqrt(sizes.hiddenSize),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        activation: activationOf(get, 'hidden_activation'),
        attentionBias: get.flag('attention_bias'),
        logitCap: wrapped ? undefined : cap,
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, heads, kvHeads, headDim, own } = config
    const norm = (name: string, width = h) => rms(source, name, width, own.normEps, true)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, {
            bias: own.attentionBias,
            queries: eachHead(norm(`${name}.self_attn.q_norm`, headDim), heads),
            keys: eachHead(norm(`${name}.self_attn.k_norm`, headDim), kvHeads),
          }),
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
