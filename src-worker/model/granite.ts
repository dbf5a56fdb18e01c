// Granite (2024): Llama with four multipliers: of what enters the first block (prompt rows too), of the scores, of what
// each half adds, and of the logits.
import { mul } from '../graph/ops/elementwise'
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { type Activation, activationOf } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
  readonly mlpBias: boolean
  readonly embedding: number
  readonly residual: number
  readonly logits: number
}

export const granite = family<Own>({
  name: 'granite',
  prefix: 'model.',
  head: 'lm_head.weight',
  defaults: {
    ...{ vocab_size: 32000, hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, max_position_embeddings: 2048, rms_norm_eps: 1e-6 },
    ...{ hidden_act: 'silu', tie_word_embeddings: false, attention_bias: false, mlp_bias: false },
    ...{ embedding_multiplier: 1, logits_scaling: 1, residual_multiplier: 1 },
    ...{ attention_multiplier: 1 },
  },
  read: get => {
    const sizes = sizesOf(get)
    const scale = get.number('attention_multiplier')
    return described({
      sizes,
      rope: ropeOf(get, sizes),
      attention: () => ({ scale }),
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'rms_norm_eps'),
        activation: activationOf(get, 'hidden_act'),
        attentionBias: get.flag('attention_bias'),
        mlpBias: get.flag('mlp_bias'),
        embedding: get.number('embedding_multiplier'),
        residual: get.number('residual_multiplier'),
        logits: get.number('logits_scaling'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, own } = config
    const norm = (name: string) => rms(source, name, h, own.normEps)
    const last = norm('model.norm')
    return {
      enter: x => mul(x, own.embedding),
      blocks: blocksOf(config, layer => {
        const name = `model.layers.${layer}`
        return serial({
          ...selfAttention(config, source, `${name}.self_attn`, { bias: own.attentionBias }),
          beforeAttention: norm(`${name}.input_layernorm`),
          beforeMlp: norm(`${name}.post_attention_layernorm`),
          mlp: gatedMlp(config, source, `${name}.mlp`, own.mlpBias),
          residual: own.residual,
        })
      }),
      finish: x => mul(last(x), 1 / own.logits),
    }
  },
})
