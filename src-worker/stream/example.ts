// One prepared sequence, and one lane of a batch cut from it. Plain data: both cross threads.

/** A document, game, board or pair as tokens, with all that is needed to place the soft prompt and to label it. */
export interface Example {
  /** token ids, not yet cut to the sample length */
  readonly ids: Int32Array
  /** [C] */
  readonly conditions: Float32Array
  /** [ids.length], 1: this token may be a label; absent: all may */
  readonly labelled?: Uint8Array
  /** the soft prompt goes before this token; absent: the run's start decides */
  readonly start?: number
  /** what is not as the record had it, by reason: cut, or given a start token, for instance */
  readonly changes?: readonly string[]
  /** what may not be as it was meant, when most examples have it */
  readonly warning?: string
}

/** Why a record gave no example, for the report. */
export interface Skipped {
  readonly skipped: string
}
export type PreparedRecord = Example | Skipped

export const isSkipped = (prepared: PreparedRecord): prepared is Skipped => 'skipped' in prepared

/** One row of a batch: at most `length` tokens of one example. */
export interface Lane {
  readonly ids: Int32Array
  readonly conditions: Float32Array
  /** [ids.length] or absent: all may be labels */
  readonly labelled?: Uint8Array
  /** the soft prompt goes before this token */
  readonly start: number
  /** ordinal of its record in the order of the stream's first pass over the data */
  readonly document: number
}

/** Id of padding, always 0, as in the original. */
export const padId = 0
