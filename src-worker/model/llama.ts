// Llama (Touvron et al. 2023): RMS norms, gated MLP, grouped-query attention, one half after the other.
import type { ModelConfig } from '../contract/model'
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'
import type { WeightSource } from './source'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
  readonly mlpBias: boolean
}

export const llama = family<Own>({
  name: 'llama',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 32000, hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, max_position_embeddings: 2048, rms_norm_eps: 1e-6 },
    ...{ hidden_act: 'silu', tie_word_embeddings: false, attention_bias: false, mlp_bias: false },
  },
  read: get => {
    const sizes = sizesOf(get)
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
        mlpBias: get.flag('mlp_bias'),
      },
    })
  },
  build: (config, source) => ({
    blocks: blocksOf(config, layer => block(config, source, `model.layers.${layer}`)),
    finish: rms(source, 'model.norm', config.hiddenSize, config.own.normEps),
  }),
})

function block(config: ModelConfig<Own>, source: WeightSource, name: string) {
  const { hiddenSize: h, own } = config
  return serial({
    ...selfAttention(config, source, `${name}.self_attn`, { bias: own.attentionBias }),
    beforeAttention: rms(source, `${name}.input_layernorm`, h, own.normEps),
    beforeMlp: rms(source, `${name}.post_attention_layernorm`, h, own.normEps),
    mlp: gatedMlp(config, source, `${name}.mlp`, own.mlpBias),
  })
}
