// Phi 3 and 4 (2024): Llama with q, k, v in one tensor and gate, up in another, longrope, and perhaps a window.
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { separately, serial } from './layers/block'
import { fusedGatedMlp } from './layers/gated-mlp'
import { linearLayer, partLayer } from './layers/linear'
import { rms } from './layers/norm'

interface Own {
  readonly normEps: number
  readonly activation: Activation
}

export const phi3 = family<Own>({
  name: 'phi3',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 32064, hidden_size: 3072, intermediate_size: 8192, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, max_position_embeddings: 4096, hidden_act: 'silu' },
    ...{ original_max_position_embeddings: 4096, rms_norm_eps: 1e-5 },
    ...{ tie_word_embeddings: false },
  },
  read: get => {
    const sizes = sizesOf(get)
    const window = get.optionalCount('sliding_window')
    const renamed = { su: 'longrope', yarn: 'longrope' }
    return described({
      sizes,
      rope: ropeOf(get, { ...sizes, partial: 1, renamed, roundsUp: true }),
      attention: () => (window === undefined ? {} : { window }),
      tied: get.flag('tie_word_embeddings'),
      own: { normEps: epsOf(get, 'rms_norm_eps'), activation: activationOf(get, 'hidden_act') },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, heads, kvHeads, headDim, own } = config
    const [ofQ, ofK] = [heads * headDim, kvHeads * headDim]
    const norm = (name: string) => rms(source, name, h, own.normEps)
    return {
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        const qkv = (from: number, count: number) =>
          partLayer(
            source,
            `${name}.self_attn.qkv_proj`,
            [ofQ + 2 * ofK, h],
            [from, from + count],
            false,
          )
        return serial({
          projections: separately(qkv(0, ofQ), qkv(ofQ, ofK), qkv(ofQ + ofK, ofK)),
          out: linearLayer(source, `${name}.self_attn.o_proj`, h, ofQ, false),
          beforeAttention: norm(`${name}.input_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: fusedGatedMlp(config, source, `${name}.mlp`),
        })
      }),
      finish: norm('model.norm'),
    }
  },
})
