// Micro-batches of a step as one, where memory allows: the sum over their labels is the same.
import type { MicroBatch } from '../contract/batch'

const joined = (arrays: readonly Float32Array[]): Float32Array =>
  Float32Array.from(arrays.flatMap(array => [...array]))

/**
 * One micro-batch of all lanes; weights are divided already, so its divisor is 1.
 * @param divisors what the weights of each are divided by
 */
export function merged(batches: readonly MicroBatch[], divisors: readonly number[]): MicroBatch {
  const slotsPerLane = Math.max(1, ...batches.map(b => b.slotsPerLane))
  const lanes = batches.reduce((n, b) => n + b.lanes, 0)
  const slots = new Int32Array(lanes * slotsPerLane)
  const rows: number[] = []
  let first = 0
  for (const batch of batches) {
    const own = batch.slotsPerLane
    for (let b = 0; b < batch.lanes; b++)
      slots.set(batch.slots.subarray(b * own, (b + 1) * own), (first + b) * slotsPerLane)
    for (const row of batch.rows)
      rows.push((first + Math.floor(row / own)) * slotsPerLane + (row % own))
    first += batch.lanes
  }
  return {
    lanes,
    slotsPerLane,
    slots,
    rows: Int32Array.from(rows),
    labels: Int32Array.from(batches.flatMap(b => [...b.labels])),
    weights: joined(batches.map((b, i) => b.weights.map(w => w / divisors[i]!))),
    divisor: 1,
    conditions: joined(batches.map(b => b.conditions)),
    tokenCount: batches.reduce((n, b) => n + b.tokenCount, 0),
  }
}

/** A step of `count` as many micro-batches as there are groups of `size`; all with divisor 1. */
export function inGroups(
  step: readonly MicroBatch[],
  divisors: readonly number[],
  size: number,
): readonly MicroBatch[] {
  const groups = Array.from({ length: Math.ceil(step.length / size) }, (_, i) => i * size)
  return groups.map(at => merged(step.slice(at, at + size), divisors.slice(at, at + size)))
}
