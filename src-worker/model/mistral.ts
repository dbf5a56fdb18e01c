// Mistral (Jiang et al. 2023): Llama with a head width of its own and a sliding window in every layer, or none.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
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

export const mistral = family<Own>({
  name: 'mistral',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 32000, hidden_size: 4096, intermediate_size: 14336, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, num_key_value_heads: 8, max_position_embeddings: 131072 },
    ...{ hidden_act: 'silu', rms_norm_eps: 1e-6, tie_word_embeddings: false, sliding_window: 4096 },
  },
  read: get => {
    const sizes = sizesOf(get)
    const window = get.optionalCount('sliding_window')
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      attention: () => (window === undefined ? {} : { window }),
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
          ...selfAttention(config, source, `${name}.self_attn`),
          beforeAttention: rms(source, `${name}.input_layernorm`, h, own.normEps),
          beforeMlp: rms(source, `${name}.post_attention_layernorm`, h, own.normEps),
          mlp: gatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: rms(source, 'model.norm', h, own.normEps),
    }
  },
})
