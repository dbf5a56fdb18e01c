// A loss is never shown without what it was measured on: held-out data says nothing, training data says "train".
import { tags } from '../../src-worker/contract/metrics'
import { type CheckpointEntry, lossesMeaned, type RunSummary } from '../../src-worker/contract/run'
import { measure } from './format'

type PromptLosses = Pick<CheckpointEntry, 'quickTest' | 'fullTest' | 'trainLoss'> & {
  readonly finalTest?: number | null
}

/** What each kind of held-out loss is, in nats per token; no two of them are compared with each other. */
export const testHints = {
  quickTest: 'Held-out loss over the few batches of a test during training, nats per token',
  fullTest: 'Held-out loss over all batches, the same for each checkpoint, nats per token',
  finalTest:
    'Held-out loss at the end of the run, on test data that no choice has seen, nats per token',
} as const

const testNames = [
  ['final test', 'finalTest'],
  ['full test', 'fullTest'],
  ['quick test', 'quickTest'],
] as const

/** Held-out losses by their names, the surest first; the training loss where nothing was tested. */
function lossesOf(losses: PromptLosses): readonly (readonly [string, number])[] {
  const known = testNames.flatMap(([name, key]) => {
    const loss = losses[key] ?? null
    return loss === null ? [] : [[name, loss] as const]
  })
  if (known.length > 0 || losses.trainLoss === null) return known
  return [['train', losses.trainLoss]]
}

/** Of a snapshot or checkpoint, each loss by its name: "full test 2.934, quick test 2.91"; "train 2.951" where it was not tested. */
export const promptLossText = (losses: PromptLosses): string =>
  lossesOf(losses)
    .map(([name, loss]) => `${name} ${measure(loss)}`)
    .join(', ') || '–'

/** The first of them alone: "2.934 full test" */
export function bestLossText(losses: PromptLosses): string {
  const [best] = lossesOf(losses)
  return best === undefined ? '–' : `${measure(best[1])} ${best[0]}`
}

/** The quick test of a prompt, or what is known in its place. */
export const quickTestText = ({ quickTest, trainLoss }: PromptLosses): string =>
  quickTest !== null || trainLoss === null ? measure(quickTest) : `${measure(trainLoss)} train`

export const quickTestHint = ({ quickTest, trainLoss }: PromptLosses): string =>
  quickTest !== null || trainLoss === null
    ? testHints.quickTest
    : `Not tested at this step: mean of the last ${lossesMeaned} training losses, nats per token`

export interface RunLoss {
  readonly value: number
  readonly of: 'final test' | 'quick test' | 'train'
}

/** The best that is known of a run now: the final held-out loss, else the last test, else the last training loss. */
export function runLoss({ metrics }: Pick<RunSummary, 'metrics'>): RunLoss | null {
  const known = [
    ['final test', metrics[tags.finalTestLoss]],
    ['quick test', metrics[tags.testLoss]],
    ['train', metrics[tags.loss]],
  ] as const
  const found = known.find(([, metric]) => metric !== undefined)
  return found?.[1] ? { value: found[1].last, of: found[0] } : null
}

/** "2.934 final test", "2.95 quick test", "3.01 train" */
export function runLossText(run: Pick<RunSummary, 'metrics'>): string {
  const loss = runLoss(run)
  if (loss === null) return '–'
  return `${measure(loss.value)} ${loss.of}`
}
