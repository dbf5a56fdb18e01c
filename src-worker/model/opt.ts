// OPT (Zhang et al. 2022): learned positions from row 2 on, LayerNorms before each half or (350m) of its sum, biases
// everywhere; an embedding narrower than the blocks goes through a projection, prompt rows too.
import type { ModelConfig } from '../contract/model'
import { described, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import type { Row } from './language-model'
import { type Activation, activationOf, plain } from './layers/activation'
import { serial } from './layers/block'
import { linearLayer } from './layers/linear'
import { bareLayer, layer as layerNorm } from './layers/norm'
import { selfAttention } from './layers/self-attention'
import type { WeightSource } from './source'

interface Own {
  /** of the blocks' rows */
  readonly width: number
  readonly activation: Activation
  readonly normBefore: boolean
  readonly finalNorm: boolean
  readonly bias: boolean
  readonly normWeights: boolean
}

/** no key of config.json */
const normEps = 1e-5
/** rows of the position table that stand for no position */
const offset = 2

export const opt = family<Own>({
  name: 'opt',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 50272, hidden_size: 768, num_hidden_layers: 12, ffn_dim: 3072 },
    ...{ num_attention_heads: 12, max_position_embeddings: 2048, activation_function: 'relu' },
    ...{ do_layer_norm_before: true, _remove_final_layer_norm: false, enable_bias: true },
    ...{ layer_norm_elementwise_affine: true, tie_word_embeddings: true },
  },
  read: get => {
    const sizes = sizesOf(get, { kvHeads: undefined, headDim: undefined, mlp: 'ffn_dim' })
    const normBefore = get.flag('do_layer_norm_before')
    return described({
      sizes,
      rowWidth: get.optionalCount('word_embed_proj_dim') ?? sizes.hiddenSize,
      mlpMatrices: 2,
      learnedPositions: sizes.maxPositions,
      embedding: 'model.decoder.embed_tokens.weight',
      tied: get.flag('tie_word_embeddings'),
      own: {
        width: sizes.hiddenSize,
        activation: activationOf(get, 'activation_function'),
        normBefore,
        finalNorm: normBefore && !get.flag('_remove_final_layer_norm'),
        bias: get.flag('enable_bias'),
        normWeights: get.flag('layer_norm_elementwise_affine'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, maxPositions, own } = config
    const at = 'model.decoder'
    const dims = [maxPositions + offset, own.width]
    const project = (name: string, out: number, into: number): Row =>
      out === into ? x => x : linearLayer(source, `${at}.${name}`, out, into, false)
    const out = project('project_out', h, own.width)
    const last: Row = own.finalNorm ? normOf(config, source, `${at}.final_layer_norm`) : x => x
    return {
      enter: project('project_in', own.width, h),
      positions: source.vectorRows(`${at}.embed_positions.weight`, dims, offset, dims[0]!),
      blocks: blocksOf(config, layer => block(config, source, `${at}.layers.${layer}`)),
      finish: x => out(last(x)),
    }
  },
})

const normOf = ({ own }: ModelConfig<Own>, source: WeightSource, name: string): Row =>
  own.normWeights ? layerNorm(source, name, own.width, normEps) : bareLayer(own.width, normEps)

function block(config: ModelConfig<Own>, source: WeightSource, name: string) {
  const { mlpSize, own } = config
  const attention = { bias: own.bias, out: 'out_proj', width: own.width }
  const ofAttention = normOf(config, source, `${name}.self_attn_layer_norm`)
  const ofMlp = normOf(config, source, `${name}.final_layer_norm`)
  return serial({
    ...selfAttention(config, source, `${name}.self_attn`, attention),
    ...(own.normBefore
      ? { beforeAttention: ofAttention, beforeMlp: ofMlp }
      : { attentionSum: ofAttention, mlpSum: ofMlp }),
    mlp: plain(
      own.activation,
      linearLayer(source, `${name}.fc1`, mlpSize, own.width, own.bias),
      linearLayer(source, `${name}.fc2`, own.width, mlpSize, own.bias),
    ),
  })
}
