// GPT-Neo (Black et al. 2021): learned positions, layers that are global or see a window, scores that are not scaled.
import type { ConfigReader } from './config/reader'
import { described, sizesOf } from './config/sizes'
import { family } from './family-kind'
import { type GptOwn, gptDefaults, gptNames, gptParts, gptSettings } from './gpt'
import { plain } from './layers/activation'
import { serial } from './layers/block'
import { linearLayer } from './layers/linear'
import { selfAttention } from './layers/self-attention'

const keys = {
  ...{ layers: 'num_layers', heads: 'num_heads', kvHeads: undefined, headDim: undefined },
}

export const gptNeo = family<GptOwn>({
  name: 'gpt-neo',
  ...gptNames,
  aliases: { num_attention_heads: 'num_heads', num_hidden_layers: 'num_layers' },
  defaults: {
    ...{ vocab_size: 50257, max_position_embeddings: 2048, hidden_size: 2048, num_layers: 24 },
    ...{ num_heads: 16, window_size: 256, attention_types: [[['global', 'local'], 12]] },
    ...{ tie_word_embeddings: true, ...gptDefaults },
  },
  read: get => {
    const sizes = sizesOf(get, keys)
    const kinds = layerKinds(get, sizes.layers)
    const window = get.count('window_size')
    return described({
      ...gptSettings(get),
      sizes,
      attention: layer => ({ scale: 1, ...(kinds[layer] === 'local' && { window }) }),
      learnedPositions: sizes.maxPositions,
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, own } = config
    const attention = { out: 'out_proj', outBias: true }
    return gptParts(config, source, (name, norm) =>
      serial({
        ...selfAttention(config, source, `${name}.attn.attention`, attention),
        beforeAttention: norm('ln_1'),
        beforeMlp: norm('ln_2'),
        mlp: plain(
          own.activation,
          linearLayer(source, `${name}.mlp.c_fc`, mlpSize, h, true),
          linearLayer(source, `${name}.mlp.c_proj`, h, mlpSize, true),
        ),
      }),
    )
  },
})

/** attention_layers, a kind for each layer; else attention_types: [[kinds, times], …] */
function layerKinds(get: ConfigReader, layers: number): readonly string[] {
  const types = (get.raw('attention_types') ?? [[['global', 'local'], 12]]) as [string[], number][]
  const good = Array.isArray(types) && types.every(t => Array.isArray(t) && Array.isArray(t[0]))
  const typed = good ? types.flatMap(([some, times]) => Array(Number(times)).fill(some).flat()) : []
  const listed = get.raw('attention_layers')
  const kinds: readonly unknown[] = Array.isArray(listed) ? listed : typed
  const isKind = (kind: unknown): kind is string => kind === 'global' || kind === 'local'
  if (kinds.length === layers && kinds.every(isKind)) return kinds
  throw get.refuse(
    `attention_${Array.isArray(listed) ? 'layers' : 'types'} describes ${kinds.length} layers of ${layers}, each global or local`,
  )
}
