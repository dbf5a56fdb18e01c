// GPT-J (Wang & Komatsuzaki 2021): attention and MLP side by side from one LayerNorm; rope turns neighbouring pairs of a
// part of each head; biases in MLP and head only.
import { described, epsOf, sizesOf } from './config/sizes'
import { blocksOf, family } from './family-kind'
import { gptAliases, gptKeys } from './gpt2'
import { type Activation, activationOf, plain } from './layers/activation'
import { parallel } from './layers/block'
import { linearLayer } from './layers/linear'
import { layer as layerNorm } from './layers/norm'
import { selfAttention } from './layers/self-attention'

interface Own {
  readonly normEps: number
  readonly activation: Activation
}

export const gptj = family<Own>({
  name: 'gptj',
  prefix: 'transformer.',
  head: 'lm_head.weight',
  aliases: gptAliases,
  defaults: {
    ...{ vocab_size: 50400, n_positions: 2048, n_embd: 4096, n_layer: 28, n_head: 16 },
    ...{ rotary_dim: 64, activation_function: 'gelu_new', layer_norm_epsilon: 1e-5 },
    ...{ tie_word_embeddings: false, eos_token_id: 50256, bos_token_id: 50256 },
  },
  read: get => {
    const sizes = sizesOf(get, gptKeys)
    const rotaryDim = get.optionalCount('rotary_dim') ?? sizes.headDim
    if (rotaryDim % 2 !== 0 || rotaryDim > sizes.headDim)
      throw get.refuse(`rotary_dim ${rotaryDim} is no even part of a head of ${sizes.headDim}`)
    return described({
      sizes,
      // no key of config.json
      rope: { theta: 10000, rotaryDim, interleaved: true, scaling: { kind: 'default' } },
      mlpMatrices: 2,
      parallelResidual: true,
      embedding: 'transformer.wte.weight',
      tied: get.flag('tie_word_embeddings'),
      own: {
        normEps: epsOf(get, 'layer_norm_epsilon'),
        activation: activationOf(get, 'activation_function'),
      },
    })
  },
  build: (config, source) => {
    const { hiddenSize: h, mlpSize, vocabularySize, own } = config
    const norm = (name: string) => layerNorm(source, name, h, own.normEps)
    return {
      blocks: blocksOf(config, layer => {
        const name = `transformer.h.${layer}`
        const before = norm(`${name}.ln_1`)
        return parallel({
          ...selfAttention(config, source, `${name}.attn`, { out: 'out_proj' }),
          beforeAttention: before,
          beforeMlp: before,
          mlp: plain(
            own.activation,
            linearLayer(source, `${name}.mlp.fc_in`, mlpSize, h, true),
            linearLayer(source, `${name}.mlp.fc_out`, h, mlpSize, true),
          ),
        })
      }),
      finish: norm('transformer.ln_f'),
      headBias: source.vector('lm_head.bias', [vocabularySize]),
    }
  },
})
