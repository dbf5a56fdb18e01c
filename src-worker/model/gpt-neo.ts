// GPT-Neo (Black et al. 2021): learned positions, layers that are global or see a window, scores that are not scaled.
import type { ConfigReader } from './config/reader'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf, plain } from './layers/activation'
import { serial } from './layers/block'
import { linearLayer } from './layers/linear'
import { layer as layerNorm } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
}

const keys = {
  ...{ layers: 'num_layers', heads: 'num_heads', kvHeads: undefined, headDim: undefined },
}

export const gptNeo = family<Own>({
  name: 'gpt-neo',
  prefix: 'transformer.',
  head: 'lm_head.weight',
  aliases: { num_attention_heads: 'num_heads', num_hidden_layers: 'num_layers' },
  defaults: {
    ...{ vocab_size: 50257, max_position_embeddings: 2048, hidden_size: 2048, num_layers: 24 },
    ...{ num_heads: 16, window_size: 256, activation_function: 'gelu_new' },
    ...{ attention_types: [[['global', 'local'], 12]], layer_norm_epsilon: 1e-5 },
    ...{ tie_word_embeddings: true, eos_token_id: 50256, bos_token_id: 50256 },
  },
  read: get => {
    const sizes = sizesOf(get, keys)
    const kinds = layerKinds(get, sizes.layers)
    const window = get.count('window_size')
    return described({
      sizes,
      attention: layer => ({ scale: 1, ...(kinds[layer] === 'local' && { window }) }),
      mlpMatrices: 2,
      learnedPositions: sizes.maxPositions,
      embedding: 'transformer.wte.weight',
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_epsilon'),
        activation: activationOf(get, 'activation_function'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, maxPositions, own } = config
    const norm = (name: string) => layerNorm(source, name, h, own.normEps)
    return {
      positions: source.vector('transformer.wpe.weight', [maxPositions, h]),
      blocks: blocksOf(config, layer => {
        const name = `transformer.h.${layer}`
        const attention = { out: 'out_proj', outBias: true }
        return serial({
          ...selfAttention(config, source, `${name}.attn.attention`, attention),
          beforeAttention: norm(`${name}.ln_1`),
          beforeMlp: norm(`${name}.ln_2`),
          mlp: plain(
            own.activation,
            linearLayer(source, `${name}.mlp.c_fc`, mlpSize, h, true),
            linearLayer(source, `${name}.mlp.c_proj`, h, mlpSize, true),
          ),
        })
      }),
      finish: norm('transformer.ln_f'),
    }
  },
})

/** attention_types: [[kinds, times], …] */
function layerKinds(get: ConfigReader, layers: number): readonly string[] {
  const types = (get.raw('attention_types') ?? [[['global', 'local'], 12]]) as [string[], number][]
  const good = Array.isArray(types) && types.every(t => Array.isArray(t) && Array.isArray(t[0]))
  const kinds = good ? types.flatMap(([some, times]) => Array(Number(times)).fill(some).flat()) : []
  if (kinds.length === layers && kinds.every(kind => kind === 'global' || kind === 'local'))
    return kinds
  throw get.refuse(
    `attention_types describes ${kinds.length} layers of ${layers}, each global or local`,
  )
}
