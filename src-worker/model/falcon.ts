// Falcon (Almazrouei et al. 2023) in its three layouts: falcon-rw (full heads, ALiBi), falcon-7b (one key head, halves
// side by side), and the newer one (key heads in groups, one norm or two).
import type { ModelConfig } from '../contract/model'
import type { ConfigReader } from './config/reader'
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf, plain } from './layers/activation'
import { alibiSlopes } from './layers/alibi'
import { grouped, type Projections, parallel, separately, serial } from './layers/block'
import { linear, linearLayer, partLayer } from './layers/linear'
import { layer as layerNorm } from './layers/norm'
import type { WeightSource } from './source'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly bias: boolean
  /** q, k, v of each key head together, or all q, then k, v */
  readonly inGroups: boolean
  /** of side-by-side halves: one norm for both, or one for each */
  readonly norms: 1 | 2
}

export const falcon = family<Own>({
  name: 'falcon',
  prefix: 'transformer.',
  head: 'lm_head.weight',
  aliases: { n_embed: 'hidden_size', n_layer: 'num_hidden_layers', n_head: 'num_attention_heads' },
  defaults: {
    ...{ vocab_size: 65024, hidden_size: 4544, num_hidden_layers: 32, num_attention_heads: 71 },
    ...{ layer_norm_epsilon: 1e-5, alibi: false, new_decoder_architecture: false },
    ...{ multi_query: true, parallel_attn: true, bias: false, max_position_embeddings: 2048 },
    ...{ activation: 'gelu', tie_word_embeddings: true },
  },
  read: get => {
    const newer = get.flag('new_decoder_architecture')
    const multiQuery = get.flag('multi_query') && !newer
    const some = sizesOf(get, {
      headDim: undefined,
      mlp: 'ffn_hidden_size',
      kvHeads: newer ? 'num_kv_heads' : undefined,
    })
    const sizes = { ...some, kvHeads: multiQuery ? 1 : some.kvHeads }
    const alibi = get.flag('alibi')
    const scale = 1 / Math.sqrt(sizes.headDim)
    // the bias is divided too
    const slopes = alibiSlopes(sizes.heads).map(slope => slope * scale)
    return described({
      sizes,
      rope: alibi ? undefined : ropeOf(get, sizes),
      attention: () => (alibi ? { slopes } : {}),
      mlpMatrices: 2,
      parallelResidual: get.flag('parallel_attn') || newer,
      embedding: 'transformer.word_embeddings.weight',
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_epsilon'),
        activation: activationOf(get, 'activation'),
        bias: get.flag('bias'),
        inGroups: !multiQuery,
        norms: newer ? normsOf(get) : 1,
      },
    })
  },
  build: (config, source) => ({
    blocks: blocksOf(config, layer => block(config, source, `transformer.h.${layer}`)),
    finish: layerNorm(source, 'transformer.ln_f', config.hiddenSize, config.own.normEps),
  }),
})

function normsOf(get: ConfigReader): 1 | 2 {
  const count = get.optionalCount('num_ln_in_parallel_attn') ?? 2
  if (count === 1 || count === 2) return count
  throw get.refuse(`num_ln_in_parallel_attn is ${count}, neither 1 nor 2`)
}

function block(config: ModelConfig<Own>, source: WeightSource, name: string) {
  const { hiddenSize: h, mlpSize, own } = config
  const norm = (part: string) => layerNorm(source, `${name}.${part}`, h, own.normEps)
  const parts = {
    projections: projectionsOf(config, source, `${name}.self_attention.query_key_value`),
    out: linearLayer(source, `${name}.self_attention.dense`, h, h, own.bias),
    mlp: plain(
      own.activation,
      linearLayer(source, `${name}.mlp.dense_h_to_4h`, mlpSize, h, own.bias),
      linearLayer(source, `${name}.mlp.dense_4h_to_h`, h, mlpSize, own.bias),
    ),
  }
  if (own.norms === 2)
    return parallel({ ...parts, beforeAttention: norm('ln_attn'), beforeMlp: norm('ln_mlp') })
  const first = norm('input_layernorm')
  return config.parallelResidual
    ? parallel({ ...parts, beforeAttention: first, beforeMlp: first })
    : serial({ ...parts, beforeAttention: first, beforeMlp: norm('post_attention_layernorm') })
}

function projectionsOf(config: ModelConfig<Own>, source: WeightSource, name: string): Projections {
  const { hiddenSize: h, heads, kvHeads, headDim, own } = config
  const rows = (heads + 2 * kvHeads) * headDim
  if (!own.inGroups) {
    const part = (from: number, to: number) =>
      partLayer(source, name, [rows, h], [from, to], own.bias)
    return separately(part(0, h), part(h, h + headDim), part(h + headDim, rows))
  }
  const w = source.matrix(`${name}.weight`, [rows, h])
  const b = own.bias ? source.vector(`${name}.bias`, [rows]) : undefined
  return grouped((n, some) => linear(n, some(w), b && some(b)), kvHeads, heads / kvHeads, headDim)
}
