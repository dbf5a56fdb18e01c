// BLOOM (2022): ALiBi, a LayerNorm of all rows that enter (prompt rows too), q, k, v interleaved by head.
import type { ModelConfig } from '../contract/model'
import { add } from '../graph/ops/elementwise'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import type { Block } from './language-model'
import { plain } from './layers/activation'
import { alibiSlopes } from './layers/alibi'
import { grouped, normed } from './layers/block'
import { linear, linearLayer } from './layers/linear'
import { layer as layerNorm } from './layers/norm'
import type { WeightSource } from './source'

interface Own {
  readonly normEps: number
  /** what each half is added to is the normed row */
  readonly fromNorm: boolean
}

export const bloom = family<Own>({
  name: 'bloom',
  prefix: 'transformer.',
  head: 'lm_head.weight',
  aliases: { n_embed: 'hidden_size', num_attention_heads: 'n_head', num_hidden_layers: 'n_layer' },
  defaults: {
    ...{ vocab_size: 250880, hidden_size: 64, n_layer: 2, n_head: 8, layer_norm_epsilon: 1e-5 },
    ...{ apply_residual_connection_post_layernorm: false, tie_word_embeddings: true },
    ...{ seq_length: 2048 },
  },
  read: get => {
    const sizes = sizesOf(get, {
      ...{ layers: 'n_layer', heads: 'n_head', positions: 'seq_length' },
      ...{ kvHeads: undefined, headDim: undefined, mlp: undefined },
    })
    const slopes = alibiSlopes(sizes.heads)
    return described({
      sizes,
      attention: () => ({ slopes }),
      mlpMatrices: 2,
      embedding: 'transformer.word_embeddings.weight',
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_epsilon'),
        fromNorm: get.flag('apply_residual_connection_post_layernorm'),
      },
    })
  },
  build: (config, source) => {
    const norm = (name: string) => layerNorm(source, name, config.hiddenSize, config.own.normEps)
    return {
      enter: norm('transformer.word_embeddings_layernorm'),
      blocks: blocksOf(config, layer => block(config, source, `transformer.h.${layer}`)),
      finish: norm('transformer.ln_f'),
    }
  },
})

function block(config: ModelConfig<Own>, source: WeightSource, name: string): Block {
  const { hiddenSize: h, mlpSize, heads, headDim, own } = config
  const norm = (part: string) => layerNorm(source, `${name}.${part}`, h, own.normEps)
  const [first, second] = [norm('input_layernorm'), norm('post_attention_layernorm')]
  const qkv = `${name}.self_attention.query_key_value`
  const [w, b] = [source.matrix(`${qkv}.weight`, [3 * h, h]), source.vector(`${qkv}.bias`, [3 * h])]
  const out = linearLayer(source, `${name}.self_attention.dense`, h, h, true)
  const mlp = plain(
    'gelu_pytorch_tanh',
    linearLayer(source, `${name}.mlp.dense_h_to_4h`, mlpSize, h, true),
    linearLayer(source, `${name}.mlp.dense_4h_to_h`, h, mlpSize, true),
  )
  return {
    ...normed(
      grouped((n, rows) => linear(n, rows(w), rows(b)), heads, 1, headDim),
      first,
    ),
    skip: x => (own.fromNorm ? first(x) : x),
    output: (skip, attended) => {
      const y = add(skip, out(attended))
      const n = second(y)
      return add(own.fromNorm ? n : y, mlp(n))
    },
  }
}
