// What a model's attention and positions allow a lane to be.
import { Fault } from '../contract/fault'
import type { ModelConfig } from '../contract/model'

/** The widest window of the windowed layers; undefined: there are none. */
export function windowOf({ attentions }: ModelConfig): number | undefined {
  const windows = attentions.flatMap(({ window }) => (window === undefined ? [] : [window]))
  return windows.length === 0 ? undefined : Math.max(...windows)
}

/** Fault 'shape' when a lane has more slots than the model has learned positions for. */
export function checkLength({ learnedPositions, family }: ModelConfig, slots: number): void {
  if (learnedPositions === undefined || slots <= learnedPositions) return
  throw new Fault(
    'shape',
    `a lane has ${slots} slots, but this ${family} model has learned only ${learnedPositions} positions`,
    'Shorten the text or the soft prompt, or choose a model without learned positions.',
  )
}
