// Gemma 2 (2024): Gemma with four norms a block, every other layer windowed, scores and logits capped by tanh, and a
// scale of the scores from config.json.
import type { ModelConfig } from '../contract/model'
import { ropeOf } from './config/rope'
import { described, sizesOf, windowedLayers } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type GemmaOwn, gemmaNorms, gemmaSettings } from './gemma'
import type { FamilyParts } from './language-model'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { type AttentionOptions, selfAttention } from './layers/self-attention'
import type { WeightSource } from './source'

export interface CappedOwn extends GemmaOwn {
  readonly logitCap: number | undefined
}

/** Gemma 2's defaults, most of which Gemma 3 has too. */
export const gemma2Defaults = {
  ...{ vocab_size: 256000, hidden_size: 2304, intermediate_size: 9216, num_hidden_layers: 26 },
  ...{ num_attention_heads: 8, num_key_value_heads: 4, head_dim: 256, attention_bias: false },
  ...{ max_position_embeddings: 8192, hidden_activation: 'gelu_pytorch_tanh' },
  ...{ rms_norm_eps: 1e-6, tie_word_embeddings: true, query_pre_attn_scalar: 256 },
  ...{ sliding_window: 4096 },
}

/** A norm on each side of each half of a block. @param heads what queries and keys of a layer pass */
export function fourNorms(
  config: ModelConfig<CappedOwn>,
  source: WeightSource,
  heads: (name: string) => Pick<AttentionOptions, 'queries' | 'keys'> = () => ({}),
): FamilyParts {
  const { attentionBias: bias, logitCap } = config.own
  const norm = gemmaNorms(config, source)
  return {
    blocks: blocksOf(config, layer => {
      const name = `model.layers.${layer}`
      const attention = `${name}.self_attn`
      return serial({
        ...selfAttention(config, source, attention, { bias, ...heads(attention) }),
        beforeAttention: norm(`${name}.input_layernorm`),
        afterAttention: norm(`${name}.post_attention_layernorm`),
        beforeMlp: norm(`${name}.pre_feedforward_layernorm`),
        mlp: gatedMlp(config, source, `${name}.mlp`),
        afterMlp: norm(`${name}.post_feedforward_layernorm`),
      })
    }),
    finish: norm('model.norm'),
    logitCap,
  }
}

export const gemma2 = family<CappedOwn>({
  name: 'gemma2',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: { ...gemma2Defaults, final_logit_softcapping: 30, attn_logit_softcapping: 50 },
  read: get => {
    const sizes = sizesOf(get)
    const window = get.optionalCount('sliding_window')
    const windowed = windowedLayers(get, sizes.layers, layer => layer % 2 === 0)
    const scale = 1 / Math.sqrt(get.number('query_pre_attn_scalar'))
    const cap = get.optionalNumber('attn_logit_softcapping')
    const { own, ...settings } = gemmaSettings(get, sizes, 'hidden_activation')
    return described({
      ...settings,
      rope: ropeOf(get, sizes),
      attention: layer => ({
        scale,
        ...(cap !== undefined && { cap }),
        ...(window !== undefined && windowed[layer] && { window }),
      }),
      own: { ...own, logitCap: get.optionalNumber('final_logit_softcapping') },
    })
  },
  build: (config, source) => fourNorms(config, source),
})
