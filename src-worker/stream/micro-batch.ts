// Label matrix → the micro-batch that programs take: only the rows that count, flat.
import type { MicroBatch } from '../contract/batch'
import type { Lane } from './example'
import { type LabelMatrix, masked } from './labels'

/** A micro-batch, and which lane each labelled row belongs to. */
export interface LabelledBatch {
  readonly batch: MicroBatch
  /** [R] */
  readonly laneOf: Int32Array
}

interface LabelledRows {
  readonly rows: number[]
  readonly labels: number[]
  readonly weights: number[]
  readonly lanes: number[]
}

/** Rows whose label counts and whose weight is not 0. Slot 0 is predicted by nothing. */
function countingRows(matrix: LabelMatrix): LabelledRows {
  const { lanes, slotsPerLane: S, labels, weights, shift } = matrix
  const found: LabelledRows = { rows: [], labels: [], weights: [], lanes: [] }
  for (let b = 0; b < lanes; b++) {
    for (let t = shift; t < S; t++) {
      const at = b * S + t
      const label = labels[at] as number
      const weight = weights ? (weights[at] as number) : 1
      if (label === masked || weight === 0) continue
      found.rows.push(at - shift)
      found.labels.push(label)
      found.weights.push(weight)
      found.lanes.push(b)
    }
  }
  return found
}

const sum = (values: ArrayLike<number>): number => {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] as number
  return total
}

/**
 * Σ weight·nll / divisor. A batch without any label gets one row of weight 0, so that R ≥ 1. Its divisor is 0, so that
 * it adds nothing to that of its step, and its loss is taken as 0.
 */
export function toMicroBatch(matrix: LabelMatrix, lanes: readonly Lane[]): LabelledBatch {
  const found = countingRows(matrix)
  const counted =
    matrix.maskedWeightsCount && matrix.weights ? sum(matrix.weights) : sum(found.weights)
  const nothing = found.rows.length === 0
  const batch: MicroBatch = {
    lanes: matrix.lanes,
    slotsPerLane: matrix.slotsPerLane,
    slots: matrix.slots,
    rows: Int32Array.from(nothing ? [0] : found.rows),
    labels: Int32Array.from(nothing ? [0] : found.labels),
    weights: Float32Array.from(nothing ? [0] : found.weights),
    divisor: counted,
    conditions: Float32Array.from(lanes.flatMap(lane => Array.from(lane.conditions))),
    tokenCount: matrix.tokenCount,
  }
  return { batch, laneOf: Int32Array.from(nothing ? [0] : found.lanes) }
}
