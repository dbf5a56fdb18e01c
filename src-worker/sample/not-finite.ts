// What a model says that computes no numbers: the fault of every playground, as a loss that is not finite is training's.
import { Fault } from '../contract/fault'

/** Fault 'diverged': NaN or infinite logits come from the weights or from the soft prompt, never from the text. */
export const notFinite = (): Fault =>
  new Fault(
    'diverged',
    'the logits are not finite numbers',
    'Check the weights of the model, and the snapshot: its training may have diverged.',
  )
