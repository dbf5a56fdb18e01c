// The original's simplest batch, for the references that give ids and insertion indices:
// prompt inserted before a token of each lane, labels behind it up to the end of the lane's text.
import type { MicroBatch } from '../contract/batch'

export interface PromptedLanes {
  readonly lanes: number
  readonly tokens: number
  /** [B, T] */
  readonly ids: Int32Array
  /** [B] */
  readonly starts: Int32Array
  /** [B, S]: −100 where a slot has no label; the label of slot s is predicted from slot s − 1 */
  readonly labels: Int32Array
  readonly conditions: Float32Array
}

export function promptedBatch(from: PromptedLanes, promptTokens: number): MicroBatch {
  const { lanes, tokens, ids, starts, labels, conditions } = from
  const slotsPerLane = tokens + promptTokens
  const slots = new Int32Array(lanes * slotsPerLane)
  const rows: number[] = []
  const targets: number[] = []
  for (let b = 0; b < lanes; b++) {
    const start = starts[b]!
    for (let s = 0; s < slotsPerLane; s++) {
      const inPrompt = s >= start && s < start + promptTokens
      const token = s < start ? s : s - promptTokens
      slots[b * slotsPerLane + s] = inPrompt ? -(s - start + 1) : ids[b * tokens + token]!
      const label = labels[b * slotsPerLane + s]!
      if (s === 0 || label < 0) continue
      rows.push(b * slotsPerLane + s - 1)
      targets.push(label)
    }
  }
  return {
    lanes,
    slotsPerLane,
    slots,
    rows: Int32Array.from(rows),
    labels: Int32Array.from(targets),
    weights: new Float32Array(rows.length).fill(1),
    divisor: rows.length,
    conditions,
    tokenCount: lanes * tokens,
  }
}
