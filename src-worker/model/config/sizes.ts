// What every family says of itself in config.json, under whatever names: sizes, layers, positions.
import type { AttentionForm, ModelConfig, Rope } from '../../contract/model'
import type { ConfigReader } from './reader'

/** Keys of the sizes. */
export interface SizeKeys {
  readonly hidden: string
  readonly layers: string
  readonly heads: string
  /** undefined: as many as heads */
  readonly kvHeads: string | undefined
  /** undefined: hidden/heads */
  readonly headDim: string | undefined
  /** null or absent: 4·hidden; undefined: always */
  readonly mlp: string | undefined
  readonly positions: string
}

const usualKeys: SizeKeys = {
  hidden: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  kvHeads: 'num_key_value_heads',
  headDim: 'head_dim',
  mlp: 'intermediate_size',
  positions: 'max_position_embeddings',
}

export type ModelSizes = Pick<
  ModelConfig,
  | 'hiddenSize'
  | 'layers'
  | 'heads'
  | 'kvHeads'
  | 'headDim'
  | 'mlpSize'
  | 'vocabularySize'
  | 'maxPositions'
>

/** Many more than any model has: what is above is a lie, for which memory must not be taken. */
const mostLayers = 4096

/** @throws Fault 'bad-model' when a size is none, or heads do not divide */
export function sizesOf(get: ConfigReader, keys: Partial<SizeKeys> = {}): ModelSizes {
  const name = { ...usualKeys, ...keys }
  const [hiddenSize, heads] = [get.count(name.hidden), get.count(name.heads)]
  const headDim = name.headDim === undefined ? undefined : get.optionalCount(name.headDim)
  if (headDim === undefined && hiddenSize % heads !== 0)
    throw get.refuse(`${name.hidden} ${hiddenSize} is no multiple of ${name.heads} ${heads}`)
  const kvHeads =
    (name.kvHeads === undefined ? undefined : get.optionalCount(name.kvHeads)) ?? heads
  if (heads % kvHeads !== 0)
    throw get.refuse(`${heads} heads cannot share ${kvHeads} key-value heads`)
  const layers = get.count(name.layers)
  if (layers > mostLayers) throw get.refuse(`${name.layers} is ${layers}, more than ${mostLayers}`)
  return {
    hiddenSize,
    layers,
    heads,
    kvHeads,
    headDim: headDim ?? hiddenSize / heads,
    mlpSize: (name.mlp === undefined ? undefined : get.optionalCount(name.mlp)) ?? 4 * hiddenSize,
    vocabularySize: get.count('vocab_size'),
    maxPositions: get.count(name.positions),
  }
}

/** The eps of a norm; 0 is legal. */
export function epsOf(get: ConfigReader, name: string): number {
  const eps = get.number(name)
  if (eps >= 0) return eps
  throw get.refuse(`${name} is ${eps}, below 0`)
}

export interface Described<Own> {
  readonly sizes: ModelSizes
  readonly own: Own
  readonly rope?: Rope | undefined
  /** more than one; layers then name theirs */
  readonly ropes?: readonly Rope[]
  /** what differs from plain causal attention, in each layer */
  readonly attention?: (layer: number) => Partial<AttentionForm> & { readonly unrotated?: boolean }
  readonly mlpMatrices?: 2 | 3
  readonly parallelResidual?: boolean
  readonly embeddingScale?: number
  readonly learnedPositions?: number
  /** tensor of the embedding */
  readonly embedding?: string
  readonly tied: boolean
  /** width of an embedding row where it is not the blocks' */
  readonly rowWidth?: number
}

/** A config without what all families share beyond config.json's sizes (config/parse.ts adds it). */
export type FamilyConfig<Own> = Omit<
  ModelConfig<Own>,
  'family' | 'head' | 'bosTokenId' | 'eosTokenIds'
>

/** Fills in what a family does not mention: one rope for all layers, scale 1/√D, an MLP with a gate. */
export function described<Own>(by: Described<Own>): FamilyConfig<Own> {
  const { sizes, rope, own, tied } = by
  const ropes = by.ropes ?? (rope === undefined ? [] : [rope])
  const form = (layer: number): AttentionForm => {
    const { unrotated, ...special } = by.attention?.(layer) ?? {}
    const rotated = ropes.length > 0 && unrotated !== true
    const plain = { scale: 1 / Math.sqrt(sizes.headDim), ...(rotated && { rope: 0 }) }
    return { ...plain, ...defined(special) }
  }
  return {
    ...sizes,
    hiddenSize: by.rowWidth ?? sizes.hiddenSize,
    own,
    ropes,
    attentions: Array.from({ length: sizes.layers }, (_, layer) => form(layer)),
    mlpMatrices: by.mlpMatrices ?? 3,
    parallelResidual: by.parallelResidual ?? false,
    embedding: by.embedding ?? 'model.embed_tokens.weight',
    embeddingScale: by.embeddingScale ?? 1,
    tiedHead: tied,
    ...(by.learnedPositions !== undefined && { learnedPositions: by.learnedPositions }),
  }
}

const defined = (form: Partial<AttentionForm>): Partial<AttentionForm> =>
  Object.fromEntries(Object.entries(form).filter(([, value]) => value !== undefined))

/** Whether each layer is windowed: layer_types, else as `derived` says. */
export function windowedLayers(
  get: ConfigReader,
  layers: number,
  derived: (layer: number) => boolean,
): readonly boolean[] {
  const types = get.raw('layer_types')
  if (!Array.isArray(types)) return Array.from({ length: layers }, (_, layer) => derived(layer))
  if (types.length < layers)
    throw get.refuse(`layer_types names ${types.length} layers of ${layers}`)
  const known = ['full_attention', 'sliding_attention']
  const other = types.find(type => !known.includes(type as string))
  if (other !== undefined)
    throw get.refuse(
      `layers of the kind ${JSON.stringify(other)} (layer_types) are not supported`,
      'Choose a model whose layers have full or sliding attention.',
    )
  return types.slice(0, layers).map(type => type === 'sliding_attention')
}
