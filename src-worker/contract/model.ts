// What the engine needs to know of a model, whichever spelling its config.json used.

/** Rope angles: frequencies theta^(-2i/rotaryDim), scaled as told. */
export type RopeScaling =
  | { readonly kind: 'default' }
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3'
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalMaxPositions: number
    }

interface CommonConfig {
  readonly hiddenSize: number
  readonly layers: number
  readonly heads: number
  readonly headDim: number
  readonly mlpSize: number
  readonly vocabularySize: number
  readonly maxPositions: number
  readonly ropeTheta: number
  readonly ropeScaling: RopeScaling
  readonly normEps: number
  readonly tiedHead: boolean
  readonly bosTokenId: number | undefined
  readonly eosTokenIds: readonly number[]
}

export interface GptNeoxConfig extends CommonConfig {
  readonly family: 'gpt-neox'
  /** the first rotaryDim values of each head are rotated */
  readonly rotaryDim: number
  readonly parallelResidual: boolean
  readonly attentionBias: boolean
  readonly activation: 'gelu' | 'gelu-tanh' | 'relu'
}

export interface LlamaConfig extends CommonConfig {
  readonly family: 'llama'
  readonly kvHeads: number
  readonly attentionBias: boolean
  readonly mlpBias: boolean
}

export type ModelConfig = GptNeoxConfig | LlamaConfig

/** Heads of keys and values; several query heads may share one. */
export const keyHeadsOf = (config: ModelConfig): number =>
  config.family === 'llama' ? config.kvHeads : config.heads

/** Where one tensor's bytes lie: enough for an ONNX external initializer. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL'
  readonly shape: readonly number[]
  /** absolute path, symbolic links resolved */
  readonly file: string
  /** byte offset in the file */
  readonly offset: number
  /** bytes */
  readonly length: number
}

/** An opened model folder. Immutable, plain data: it survives structured clone. */
export interface ModelFolder {
  readonly path: string
  /** org/name when known, else the folder's name */
  readonly id: string
  readonly config: ModelConfig
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly chatTemplate: string | undefined
}
