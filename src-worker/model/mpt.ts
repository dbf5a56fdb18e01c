// MPT (MosaicML 2023): ALiBi, no biases at all, q, k, v in one tensor and cut off at ±clip_qkv.

import type { Value } from '../graph/value'
import { isPlain } from '../shared/plain-object'
import { configReader } from './config/reader'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { clamp, plain } from './layers/activation'
import { alibiSlopes } from './layers/alibi'
import { separately, serial } from './layers/block'
import { linearLayer, partLayer } from './layers/linear'
import { layer as layerNorm } from './layers/norm'

interface Own {
  readonly normEps: number
  readonly clip: number | undefined
}

export const mpt = family<Own>({
  name: 'mpt',
  prefix: 'transformer.',
  head: 'lm_head.weight',
  aliases: {
    num_attention_heads: 'n_heads',
    hidden_size: 'd_model',
    num_hidden_layers: 'n_layers',
  },
  defaults: {
    ...{ vocab_size: 50368, d_model: 2048, n_heads: 16, n_layers: 24, max_seq_len: 2048 },
    ...{ layer_norm_epsilon: 1e-5, tie_word_embeddings: true },
  },
  read: get => {
    // transformers reads and does not use alibi, qk_ln and the like; weights then tell (config/unread.ts)
    const sizes = sizesOf(get, {
      ...{ hidden: 'd_model', layers: 'n_layers', heads: 'n_heads', positions: 'max_seq_len' },
      ...{ kvHeads: undefined, headDim: undefined, mlp: undefined },
    })
    const given = get.raw('attn_config')
    const attention = configReader(isPlain(given) ? given : {}, {}, get.path, 'attn_config.')
    const scale = attention.optionalNumber('softmax_scale') ?? 1 / Math.sqrt(sizes.headDim)
    const slopes = alibiSlopes(sizes.heads)
    return described({
      sizes,
      attention: () => ({ scale, slopes }),
      mlpMatrices: 2,
      embedding: 'transformer.wte.weight',
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_epsilon'),
        clip: attention.optionalNumber('clip_qkv') || undefined,
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, own } = config
    const norm = (name: string) => layerNorm(source, name, h, own.normEps, { bias: false })
    const clipped = (x: Value): Value => (own.clip === undefined ? x : clamp(x, own.clip))
    return {
      blocks: blocksOf(config, layer => {
        const name = `transformer.blocks.${layer}`
        const part = (at: number) => {
          const rows = partLayer(
            source,
            `${name}.attn.Wqkv`,
            [3 * h, h],
            [at * h, (at + 1) * h],
            false,
          )
          return (n: Value) => clipped(rows(n))
        }
        return serial({
          projections: separately(part(0), part(1), part(2)),
          out: linearLayer(source, `${name}.attn.out_proj`, h, h, false),
          beforeAttention: norm(`${name}.norm_1`),
          beforeMlp: norm(`${name}.norm_2`),
          mlp: plain(
            'gelu',
            linearLayer(source, `${name}.ffn.up_proj`, mlpSize, h, false),
            linearLayer(source, `${name}.ffn.down_proj`, h, mlpSize, false),
          ),
        })
      }),
      finish: norm('transformer.norm_f'),
    }
  },
})
