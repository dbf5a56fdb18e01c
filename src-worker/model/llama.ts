// Llama (Touvron et al. 2023): RMS norms, gated MLP, grouped-query attention, one half after the other. With it stand those
// that differ by little: ERNIE 4.5 (Baidu 2025; rope of neighbouring pairs), Seed-OSS (ByteDance 2025; biases of its own) and
// Arcee (2025; an MLP of squared ReLU without gate).
import type { ModelConfig } from '../contract/model'
import type { ConfigReader } from './config/reader'
import { ropeOf } from './config/rope'
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, type Family, family } from './family-kind'
import { type Activation, activationOf, plain } from './layers/activation'
import { serial } from './layers/block'
import { gatedMlp } from './layers/gated-mlp'
import { linearLayer } from './layers/linear'
import { rms } from './layers/norm'
import { selfAttention } from './layers/self-attention'
import type { WeightSource } from './source'

interface Own {
  readonly normEps: number
  readonly activation: Activation
  readonly attentionBias: boolean
  readonly outBias: boolean
  readonly mlpBias: boolean
}

/** Keys of the biases. */
interface Biases {
  readonly attention: string
  readonly out: string
  readonly mlp: string
}

const usual: Biases = { attention: 'attention_bias', out: 'attention_bias', mlp: 'mlp_bias' }

/** What differs from Llama. */
interface Kin {
  readonly biases?: Biases
  readonly gate?: boolean
  readonly theta?: number
  readonly interleaved?: boolean
}

const read = (
  get: ConfigReader,
  { biases = usual, gate = true, ...rope }: Kin = {},
): ReturnType<typeof described<Own>> => {
  const sizes = sizesOf(get)
  return described({
    sizes,
    rope: ropeOf(get, { ...sizes, ...rope }),
    tied: get.flag('tie_word_embeddings'),
    mlpMatrices: gate ? 3 : 2,
    own: {
      normEps: epsOf(get, 'rms_norm_eps'),
      activation: activationOf(get, 'hidden_act'),
      attentionBias: get.flag(biases.attention),
      outBias: get.flag(biases.out),
      mlpBias: get.flag(biases.mlp),
    },
  })
}

const shared = {
  prefix: 'model.',
  head: 'lm_head.weight',
  build: (config: ModelConfig<Own>, source: WeightSource) => ({
    blocks: blocksOf(config, layer => block(config, source, `model.layers.${layer}`)),
    finish: rms(source, 'model.norm', config.hiddenSize, config.own.normEps),
  }),
} satisfies Partial<Family<Own>>

function block(config: ModelConfig<Own>, source: WeightSource, name: string) {
  const { hiddenSize: h, mlpSize, mlpMatrices, own } = config
  const { attentionBias: bias, outBias, mlpBias } = own
  const linear = (part: string, out: number, into: number) =>
    linearLayer(source, `${name}.mlp.${part}`, out, into, mlpBias)
  return serial({
    ...selfAttention(config, source, `${name}.self_attn`, { bias, outBias }),
    beforeAttention: rms(source, `${name}.input_layernorm`, h, own.normEps),
    beforeMlp: rms(source, `${name}.post_attention_layernorm`, h, own.normEps),
    mlp:
      mlpMatrices === 3
        ? gatedMlp(config, source, `${name}.mlp`, mlpBias)
        : plain(own.activation, linear('up_proj', mlpSize, h), linear('down_proj', h, mlpSize)),
  })
}

export const llama = family<Own>({
  ...shared,
  name: 'llama',
  defaults: {
    ...{ vocab_size: 32000, hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, max_position_embeddings: 2048, rms_norm_eps: 1e-6 },
    ...{ hidden_act: 'silu', tie_word_embeddings: false, attention_bias: false, mlp_bias: false },
  },
  read: get => read(get),
})

const ernieBiases = { attention: 'use_bias', out: 'use_bias', mlp: 'use_bias' }

export const ernie = family<Own>({
  ...shared,
  name: 'ernie-4.5',
  defaults: {
    ...{ vocab_size: 103424, hidden_size: 1024, intermediate_size: 3072, num_hidden_layers: 18 },
    ...{ num_attention_heads: 16, num_key_value_heads: 2, head_dim: 128, rms_norm_eps: 1e-5 },
    ...{ max_position_embeddings: 131072, hidden_act: 'silu', use_bias: false },
    ...{ tie_word_embeddings: true },
  },
  read: get => read(get, { biases: ernieBiases, theta: 5e5, interleaved: true }),
})

export const seedOss = family<Own>({
  ...shared,
  name: 'seed-oss',
  defaults: {
    ...{ vocab_size: 155136, hidden_size: 4096, intermediate_size: 27648, num_hidden_layers: 64 },
    ...{ num_attention_heads: 80, num_key_value_heads: 8, head_dim: 128, rms_norm_eps: 1e-6 },
    ...{ max_position_embeddings: 524288, hidden_act: 'silu', tie_word_embeddings: false },
    ...{ attention_bias: true, attention_out_bias: false, mlp_bias: false },
  },
  read: get => read(get, { biases: { ...usual, out: 'attention_out_bias' } }),
})

export const arcee = family<Own>({
  ...shared,
  name: 'arcee',
  defaults: {
    ...{ vocab_size: 32000, hidden_size: 2560, intermediate_size: 18432, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, max_position_embeddings: 4096, rms_norm_eps: 1e-5 },
    ...{ hidden_act: 'relu2', tie_word_embeddings: false, attention_bias: false, mlp_bias: false },
  },
  read: get => read(get, { gate: false }),
})
