// What the engine needs to know of a model, whichever spelling its config.json used. Plain data.

/** Frequencies theta^(−2i/D), D = oddDim or rotaryDim, scaled as config.json says (model/rope.ts). */
export type RopeScaling =
  | { readonly kind: 'default' }
  | { readonly kind: 'linear'; readonly factor: number }
  /** beyond maxPositions slots theta grows with the length of the whole lane */
  | { readonly kind: 'dynamic'; readonly factor: number; readonly maxPositions: number }
  | {
      readonly kind: 'llama3'
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalMaxPositions: number
    }
  | {
      readonly kind: 'yarn'
      readonly factor: number
      readonly attentionFactor: number
      readonly betaFast: number
      readonly betaSlow: number
      readonly originalMaxPositions: number
      /** the ramp's limits are rounded outwards */
      readonly truncate: boolean
    }
  /** frequencies divided by the short factors, or by the long ones when the lane is longer than it was made for */
  | {
      readonly kind: 'longrope'
      readonly shortFactor: readonly number[]
      readonly longFactor: readonly number[]
      readonly attentionFactor: number
      readonly originalMaxPositions: number
    }

/** One rotary embedding of a model. */
export interface Rope {
  readonly theta: number
  /** the first rotaryDim values of each head are rotated */
  readonly rotaryDim: number
  /** the odd part of each head that config.json asks for, where rotaryDim is one more */
  readonly oddDim?: number
  /** neighbours (2i, 2i+1) make a pair, not the two halves */
  readonly interleaved: boolean
  readonly scaling: RopeScaling
}

/** What the attention of one layer does beside softmax(q·kᵀ)·v. */
export interface AttentionForm {
  /** factor of q·k */
  readonly scale: number
  /** scores become cap·tanh(score/cap), before the mask */
  readonly cap?: number
  /** a slot sees itself and window − 1 slots before it; undefined: all before it */
  readonly window?: number
  /** index into `ropes`; undefined: not rotated */
  readonly rope?: number
  /** [heads]: slope·(key position − query position) is added to the scores (ALiBi) */
  readonly slopes?: readonly number[]
}

/** @template Own what only the family itself reads */
export interface ModelConfig<Own = unknown> {
  /** a row of model/family.ts, in the spelling that people read */
  readonly family: string
  /** width of an embedding row, and so of a soft prompt's row */
  readonly hiddenSize: number
  readonly layers: number
  readonly heads: number
  /** heads of keys and values; several query heads may share one */
  readonly kvHeads: number
  readonly headDim: number
  readonly mlpSize: number
  /** matrices of the MLP: 3 with a gate */
  readonly mlpMatrices: 2 | 3
  /** attention and MLP read the same input */
  readonly parallelResidual: boolean
  readonly vocabularySize: number
  readonly maxPositions: number
  /** positions are rows of a table of so many: longer lanes cannot be computed */
  readonly learnedPositions?: number
  readonly ropes: readonly Rope[]
  /** one a layer */
  readonly attentions: readonly AttentionForm[]
  /** tensor of the token embedding [V, H], and what its rows are multiplied with (a soft prompt's rows are not) */
  readonly embedding: string
  readonly embeddingScale: number
  /** tensor of the head [V, H]; the embedding's name when tied */
  readonly head: string
  readonly tiedHead: boolean
  readonly bosTokenId: number | undefined
  readonly eosTokenIds: readonly number[]
  readonly own: Own
}

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

/** A matrix [O, I] as integers in blocks along the axis that products sum over, each block with a scale of its own. */
export interface BlockEntry {
  /** I8 of the matrix's shape, or U8 with two numbers of 4 bits a byte, the low half first */
  readonly integers: TensorEntry
  /** F32: the matrix's shape with one number a block along `axis` */
  readonly scales: TensorEntry
  readonly bits: 8 | 4
  readonly shape: readonly [number, number]
  readonly axis: 0 | 1
  /** numbers of a block; the last one of a line may have fewer */
  readonly block: number
}

/** Numbers of a matrix that share a scale. */
export const blockOf = { int8: 64, int4: 32 } as const

/** Frozen matrices that we keep in few bits (weights/quantised.ts). */
export interface Quantised {
  readonly weights: 'int8' | 'int4'
  readonly matrices: ReadonlyMap<string, BlockEntry>
  /** sha256 of the files that they were made from, by name */
  readonly madeFrom: Readonly<Record<string, string>>
}

/** An opened model folder. Immutable, plain data: it survives structured clone. */
export interface ModelFolder {
  readonly path: string
  /** org/name when known, else the folder's name */
  readonly id: string
  readonly config: ModelConfig
  readonly tensors: ReadonlyMap<string, TensorEntry>
  /** matrices that are not among the tensors, because they are read from these */
  readonly quantised?: Quantised
  /** matrices that are stored narrower than products read them are widened by each product, not once for all */
  readonly lean?: boolean
  readonly chatTemplate: string | undefined
  /** what was done otherwise than the files say, or left out of them: sentences for a person */
  readonly notes: readonly string[]
}

/** A model's token embedding, read by rows. */
export interface EmbeddingRows {
  /** V */
  readonly rows: number
  /** H */
  readonly width: number
  /** [ids, H] in float32, as they enter the model: multiplied where the family multiplies them */
  read(ids: readonly number[]): Promise<Float32Array>
}
