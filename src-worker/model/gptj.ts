// GPT-J (Wang & Komatsuzaki 2021): attention and MLP side by side from one LayerNorm; rope turns neighbouring pairs of a
// part of each head; biases in MLP and head only.
import { described, sizesOf } from './config/sizes'
import { family } from './family-kind'
import {
  type GptOwn,
  gptAliases,
  gptDefaults,
  gptKeys,
  gptNames,
  gptParts,
  gptSettings,
} from './gpt'
import { plain } from './layers/activation'
import { parallel } from './layers/block'
import { linearLayer } from './layers/linear'
import { selfAttention } from './layers/self-attention'

export const gptj = family<GptOwn>({
  name: 'gptj',
  ...gptNames,
  aliases: gptAliases,
  defaults: {
    ...{ vocab_size: 50400, n_positions: 2048, n_embd: 4096, n_layer: 28, n_head: 16 },
    ...{ rotary_dim: 64, tie_word_embeddings: false, ...gptDefaults },
  },
  read: get => {
    const sizes = sizesOf(get, gptKeys)
    const rotaryDim = get.optionalCount('rotary_dim') ?? sizes.headDim
    if (rotaryDim % 2 !== 0 || rotaryDim > sizes.headDim)
      throw get.refuse(`rotary_dim ${rotaryDim} is no even part of a head of ${sizes.headDim}`)
    return described({
      ...gptSettings(get),
      sizes,
      // no key of config.json
      rope: { theta: 10000, rotaryDim, interleaved: true, scaling: { kind: 'default' } },
      parallelResidual: true,
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, vocabularySize, own } = config
    const parts = gptParts(config, source, (name, norm) => {
      const before = norm('ln_1')
      return parallel({
        ...selfAttention(config, source, `${name}.attn`, { out: 'out_proj' }),
        beforeAttention: before,
        beforeMlp: before,
        mlp: plain(
          own.activation,
          linearLayer(source, `${name}.mlp.fc_in`, mlpSize, h, true),
          linearLayer(source, `${name}.mlp.fc_out`, h, mlpSize, true),
        ),
      })
    })
    return { ...parts, headBias: source.vector('lm_head.bias', [vocabularySize]) }
  },
})
