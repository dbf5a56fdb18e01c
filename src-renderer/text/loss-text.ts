// A loss is never shown without what it was measured on: held-out data says nothing, training data says "train".
import { tags } from '../../src-worker/contract/metrics'
import { type CheckpointEntry, lossesMeaned, type RunSummary } from '../../src-worker/contract/run'
import { measure } from './format'

type PromptLosses = Pick<CheckpointEntry, 'loss' | 'trainLoss'>

/** Of a snapshot or checkpoint: "2.934", or "2.951 train" where it was not tested. */
export function promptLossText({ loss, trainLoss }: PromptLosses): string {
  if (loss !== null || trainLoss === null) return measure(loss)
  return `${measure(trainLoss)} train`
}

/** What the number above is. */
export function promptLossHint({ loss, trainLoss }: PromptLosses): string {
  if (loss !== null) return 'Held-out loss of this prompt, nats per token'
  if (trainLoss === null) return 'No loss is known of this prompt'
  return `Not tested at this step: mean of the last ${lossesMeaned} training losses, nats per token`
}

export interface RunLoss {
  readonly value: number
  readonly of: 'final' | 'test' | 'train'
}

/** The best that is known of a run now: the final held-out loss, else the last test, else the last training loss. */
export function runLoss({ metrics }: Pick<RunSummary, 'metrics'>): RunLoss | null {
  const known = [
    ['final', metrics[tags.finalTestLoss]],
    ['test', metrics[tags.testLoss]],
    ['train', metrics[tags.loss]],
  ] as const
  const found = known.find(([, metric]) => metric !== undefined)
  return found?.[1] ? { value: found[1].last, of: found[0] } : null
}

/** "2.934", "2.95 test", "3.01 train" */
export function runLossText(run: Pick<RunSummary, 'metrics'>): string {
  const loss = runLoss(run)
  if (loss === null) return '–'
  return loss.of === 'final' ? measure(loss.value) : `${measure(loss.value)} ${loss.of}`
}
