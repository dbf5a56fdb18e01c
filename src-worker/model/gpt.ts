// What GPT-2, GPT-J and GPT-Neo share: names of tensors, LayerNorms, the MLP's activation.
import type { ModelConfig } from '../contract/model'
import type { ConfigReader } from './config/reader'
import { epsOf } from './config/sizes'
import { blocksOf } from './family-kind'
import type { Block, FamilyParts, Row } from './language-model'
import { type Activation, activationOf } from './layers/activation'
import { layer as layerNorm } from './layers/norm'
import type { WeightSource } from './source'

export interface GptOwn {
  readonly normEps: number
  readonly activation: Activation
}

/** GPT-2's names of the sizes, which GPT-J has too. */
export const gptKeys = {
  ...{ hidden: 'n_embd', layers: 'n_layer', heads: 'n_head', mlp: 'n_inner' },
  ...{ positions: 'n_positions', kvHeads: undefined, headDim: undefined },
}

export const gptAliases = {
  hidden_size: 'n_embd',
  max_position_embeddings: 'n_positions',
  num_attention_heads: 'n_head',
  num_hidden_layers: 'n_layer',
}

export const gptNames = { prefix: 'transformer.', head: 'lm_head.weight' }

export const gptDefaults = {
  ...{ activation_function: 'gelu_new', layer_norm_epsilon: 1e-5 },
}

/** What all of them give to `described`. */
export const gptSettings = (get: ConfigReader) => ({
  mlpMatrices: 2 as const,
  embedding: 'transformer.wte.weight',
  tied: get.flag('tie_word_embeddings'),
  own: {
    normEps: epsOf(get, 'layer_norm_epsilon'),
    activation: activationOf(get, 'activation_function'),
  },
})

/** @param block from the name of its module, and its norms by their names in it */
export function gptParts(
  config: ModelConfig<GptOwn>,
  source: WeightSource,
  block: (name: string, norm: (part: string) => Row) => Block,
): FamilyParts {
  const { hiddenSize: h, maxPositions, learnedPositions, own } = config
  const norm = (name: string): Row => layerNorm(source, name, h, own.normEps)
  const dims = [maxPositions, h]
  return {
    ...(learnedPositions && { positions: source.vector('transformer.wpe.weight', dims) }),
    blocks: blocksOf(config, layer => {
      const name = `transformer.h.${layer}`
      return block(name, part => norm(`${name}.${part}`))
    }),
    finish: norm('transformer.ln_f'),
  }
}
