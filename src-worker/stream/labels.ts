// Lanes → prompted slots and a label for each slot, as matrices [B, S]: the form in which the original thinks and in
// which the goldens are kept. micro-batch.ts then lists only the rows that count.
import { type Lane, padId } from './example'

/** A label that does not count. */
export const masked = -100

/** Letters: B lanes, T tokens of the longest lane, P soft prompt tokens, S slots of a lane. */
export interface SlotMatrix {
  readonly lanes: number
  readonly slotsPerLane: number
  /** [B, S]: a token id, or −(j+1) for prompt token j */
  readonly slots: Int32Array
}

export interface LabelMatrix extends SlotMatrix {
  /** [B, S]: token id or −100 */
  readonly labels: Int32Array
  /** 1: slot t's logits are compared with the label in slot t + 1; 0: in the same slot */
  readonly shift: 0 | 1
  /** [B, S]: weight of the label in that slot; absent: 1 */
  readonly weights?: Float32Array
  /** the original counts the weights of masked slots, too, in the mean's divisor */
  readonly maskedWeightsCount?: boolean
  /** tokens of the samples, prompt and padding not counted */
  readonly tokenCount: number
}

export const laneTokens = (lanes: readonly Lane[]): number =>
  lanes.reduce((longest, lane) => Math.max(longest, lane.ids.length), 0)

/** Padded samples without their last `shorter` tokens, P prompt slots before token `start` or else at the end. */
export function promptedSlots(lanes: readonly Lane[], P: number, shorter = 0): SlotMatrix {
  const T = laneTokens(lanes)
  const inputs = Math.max(0, T - shorter)
  const S = Math.max(1, inputs + P)
  const slots = new Int32Array(lanes.length * S).fill(padId)
  lanes.forEach(({ ids, start }, b) => {
    for (let t = 0; t < inputs + P; t++) {
      const j = t - Math.min(start, inputs)
      const at = b * S + t
      if (j < 0) slots[at] = ids[t] ?? padId
      else slots[at] = j < P ? -(j + 1) : (ids[t - P] ?? padId)
    }
  })
  return { lanes: lanes.length, slotsPerLane: S, slots }
}

/** A label for token i of lane b, or −100. */
export type LabelRule = (lane: Lane, i: number) => number

/**
 * Labels on the slots behind the prompt: slot t holds token i = t − P of its sample.
 * @param length tokens of the lane that may carry a label; the original asks all lanes up to T
 */
export function labelSlots(
  lanes: readonly Lane[],
  matrix: SlotMatrix,
  P: number,
  length: (lane: Lane) => number,
  rule: LabelRule,
): Int32Array {
  const S = matrix.slotsPerLane
  const labels = new Int32Array(matrix.slots.length).fill(masked)
  lanes.forEach((lane, b) => {
    const end = Math.min(length(lane), S - P)
    for (let i = lane.start; i < end; i++) labels[b * S + i + P] = rule(lane, i)
  })
  return labels
}

export const tokenTotal = (lanes: readonly Lane[]): number =>
  lanes.reduce((total, lane) => total + lane.ids.length, 0)

/** Tokens before the first pad id: where the original believes that a sample ends. */
export const lengthToFirstPad = (lane: Lane): number => {
  const at = lane.ids.indexOf(padId)
  return at < 0 ? lane.ids.length : at
}
