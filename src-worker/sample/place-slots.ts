// Slots of a text with a soft prompt in it: the same convention as in contract/batch.ts.
import type { Sequence } from './prefill'

export interface Placed {
  readonly ids: readonly number[]
  /** the soft prompt goes before this token */
  readonly start: number
  /** soft prompt tokens P; 0: none */
  readonly tokens: number
}

/** Token ids with −1, −2, … −P in front of token `start`. */
export function placedSlots({ ids, start, tokens }: Placed): number[] {
  const prompt = Array.from({ length: tokens }, (_, j) => -(j + 1))
  const at = Math.min(Math.max(start, 0), ids.length)
  return [...ids.slice(0, at), ...prompt, ...ids.slice(at)]
}

/** One lane; `rows` [P, H] of its soft prompt. */
export function placedLane(
  placed: Placed,
  rows: Float32Array | undefined,
  label: string | number,
): Sequence {
  const slots = placedSlots(placed)
  return placed.tokens > 0 && rows !== undefined ? { slots, rows, label } : { slots, label }
}
