// Lanes → micro-batch, for the label rules of every text experiment. Each rule has two forms: the corrected one, which
// knows how long a lane is, and the original's, which believes that a sample ends at its first pad id.
import type { Lane } from './example'
import {
  type LabelMatrix,
  type LabelRule,
  labelSlots,
  lengthToFirstPad,
  masked,
  promptedSlots,
  tokenTotal,
} from './labels'
import { type LabelledBatch, toMicroBatch } from './micro-batch'

export interface PackOptions {
  /** soft prompt tokens P */
  readonly promptTokens: number
  /** a token put in front of every sample that does not begin with it; never a label */
  readonly prefixToken?: number | undefined
  /** the original's labels, defects included (DESIGN §7) */
  readonly original?: boolean
  /**
   * A sample's very first token is no label: without a soft prompt nothing stands before it, so counting it would
   * compare lengths of prompt by different labels. For tests; training keeps it.
   */
  readonly needsContext?: boolean
}

/** Lanes → label matrix for P soft prompt tokens. */
export type Labeller = (lanes: readonly Lane[], P: number, original: boolean) => LabelMatrix

const ownToken: LabelRule = ({ ids, labelled }, i) =>
  labelled && labelled[i] === 0 ? masked : (ids[i] ?? 0)

const trainedTokens = (lanes: readonly Lane[], original: boolean): number =>
  original ? lanes.reduce((total, lane) => total + lengthToFirstPad(lane), 0) : tokenTotal(lanes)

/** Every token behind the prompt is a label. */
export const autoregressive: Labeller = (lanes, P, original) => {
  const matrix = promptedSlots(lanes, P)
  const length = original ? lengthToFirstPad : (lane: Lane) => lane.ids.length
  const labels = labelSlots(lanes, matrix, P, length, ownToken)
  return { ...matrix, labels, shift: 1, tokenCount: trainedTokens(lanes, original) }
}

/** The label lies `skip` tokens further on: the model predicts skip + 1 ahead. */
export const skipTokens =
  (skip: number): Labeller =>
  (lanes, P, original) => {
    const matrix = promptedSlots(lanes, P, skip)
    const ahead: LabelRule = (lane, i) => ownToken(lane, i + skip)
    const length = original ? lengthToFirstPad : (lane: Lane) => lane.ids.length - skip
    const labels = labelSlots(lanes, matrix, P, length, ahead)
    return { ...matrix, labels, shift: 1, tokenCount: trainedTokens(lanes, original) }
  }

/** Whatever the text, the labels repeat one string. The original went on into the padding. */
export const repetition =
  (repeated: readonly number[]): Labeller =>
  (lanes, P, original) => {
    const matrix = promptedSlots(lanes, P)
    const again: LabelRule = (lane, i) => repeated[(i - lane.start) % repeated.length] as number
    const length = original ? () => matrix.slotsPerLane - P : (lane: Lane) => lane.ids.length
    const labels = labelSlots(lanes, matrix, P, length, again)
    return { ...matrix, labels, shift: 1, tokenCount: trainedTokens(lanes, original) }
  }

/** Next tokens weighted by how far they lie behind the prompt: max(0, slot − (start + P + lookahead)). */
export const favorFuture =
  (lookahead: number): Labeller =>
  (lanes, P, original) => {
    const matrix = promptedSlots(lanes, P, 1)
    const next: LabelRule = (lane, i) => ownToken(lane, i + 1)
    const length = original ? lengthToFirstPad : (lane: Lane) => lane.ids.length - 1
    const labels = labelSlots(lanes, matrix, P, length, next)
    const weights = new Float32Array(labels.length)
    const S = matrix.slotsPerLane
    lanes.forEach(({ start }, b) => {
      for (let t = 0; t < S; t++) weights[b * S + t] = Math.max(0, t - (start + P + lookahead))
    })
    const tokenCount = trainedTokens(lanes, original)
    return { ...matrix, labels, weights, shift: 0, maskedWeightsCount: original, tokenCount }
  }

/** A lane with a token in front that is context only. */
function behindPrefix(lane: Lane, prefix: number): Lane {
  if (lane.ids[0] === prefix) return lane
  const ids = Int32Array.of(prefix, ...lane.ids)
  const moved = { ...lane, ids, start: lane.start + 1 }
  return lane.labelled ? { ...moved, labelled: Uint8Array.of(0, ...lane.labelled) } : moved
}

/** Lanes as one micro-batch. A prefix token is not counted among the trained tokens. */
export function pack(
  lanes: readonly Lane[],
  labeller: Labeller,
  options: PackOptions,
): LabelledBatch {
  const { promptTokens: P, prefixToken, original = false } = options
  const placed =
    prefixToken === undefined ? lanes : lanes.map(lane => behindPrefix(lane, prefixToken))
  const matrix = labeller(placed, P, original)
  const labels =
    options.needsContext === true ? withContext(matrix, lanes, placed, P) : matrix.labels
  const tokenCount = trainedTokens(lanes, original)
  return toMicroBatch({ ...matrix, labels, tokenCount }, placed)
}

/** Labels without those of first tokens; a lane keeps its only label. */
function withContext(
  { labels, slotsPerLane: S }: LabelMatrix,
  lanes: readonly Lane[],
  placed: readonly Lane[],
  P: number,
): Int32Array {
  const kept = labels.slice()
  lanes.forEach(({ start, ids }, b) => {
    const prefixed = (placed[b]?.ids.length ?? 0) - ids.length
    const first = b * S + P + prefixed
    const others = labels.subarray(first + 1, (b + 1) * S).some(label => label !== masked)
    if (start === 0 && others) kept[first] = masked
  })
  return kept
}
