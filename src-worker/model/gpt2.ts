// GPT-2 (Radford et al. 2019): learned positions, weights stored [in, out], biases everywhere, the head tied.

import { add, cast } from '../graph/ops/elementwise'
import { matmul } from '../graph/ops/linear'
import { derived } from '../graph/ops/per-product'
import { slice, split } from '../graph/ops/shape'
import type { Value } from '../graph/value'
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
import { type Projections, serial } from './layers/block'
import { conv1d } from './layers/linear'
import type { WeightSource } from './source'

export const gpt2 = family<GptOwn>({
  name: 'gpt2',
  ...gptNames,
  aliases: gptAliases,
  defaults: {
    ...{ vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 },
    ...{ tie_word_embeddings: true, ...gptDefaults },
    ...{ scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false },
  },
  read: get => {
    const sizes = sizesOf(get, gptKeys)
    const scale = get.flag('scale_attn_weights') ? 1 / Math.sqrt(sizes.headDim) : 1
    const byLayer = get.flag('scale_attn_by_inverse_layer_idx')
    return described({
      ...gptSettings(get),
      sizes,
      attention: layer => ({ scale: byLayer ? scale / (layer + 1) : scale }),
      learnedPositions: sizes.maxPositions,
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, own } = config
    return gptParts(config, source, (name, norm) =>
      serial({
        projections: fusedColumns(source, `${name}.attn.c_attn`, h),
        out: conv1d(source, `${name}.attn.c_proj`, h, h),
        beforeAttention: norm('ln_1'),
        beforeMlp: norm('ln_2'),
        mlp: plain(
          own.activation,
          conv1d(source, `${name}.mlp.c_fc`, h, mlpSize),
          conv1d(source, `${name}.mlp.c_proj`, mlpSize, h),
        ),
      }),
    )
  },
})

/** q, k and v as columns of one weight [H, 3·H]. */
function fusedColumns(source: WeightSource, name: string, h: number): Projections {
  const w = source.matrix(`${name}.weight`, [h, 3 * h], 0)
  const b = source.vector(`${name}.bias`, [3 * h])
  const columns = (n: Value, from: number, to: number): Value => {
    const whole = to - from === 3
    const type = { dtype: w.dtype, dims: [h, (to - from) * h] }
    const some = whole ? w : derived(w, type, all => slice(all, 1, from * h, to * h))
    const bias = whole ? b : slice(b, 0, from * h, to * h)
    return add(cast(matmul(cast(n, w.dtype), some), n.dtype), bias)
  }
  return {
    all: n => {
      const [q, k, v] = split(columns(n, 0, 3), 1, [h, h, h]) as [Value, Value, Value]
      return { q, k, v }
    },
    query: n => columns(n, 0, 1),
    keyValue: n => {
      const [k, v] = split(columns(n, 1, 3), 1, [h, h]) as [Value, Value]
      return { k, v }
    },
  }
}
