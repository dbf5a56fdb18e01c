// The full test of each checkpoint of a run: the same batches for all of them, so that they can be held against each other.
// It looks at the validation half, since a checkpoint may be chosen by it; a run whose data are not cut has but one.
import { setImmediate } from 'node:timers/promises'
import { Fault } from '../contract/fault'
import { isActive } from '../contract/run'
import { fromStateDict } from '../prompt/state-dict'
import { openRuntime } from '../session/provider'
import { readCheckpoint } from './checkpoint'
import { addFullTest, fullTestsOf } from './checkpoint-tests'
import { trainerOptions } from './engine-options'
import { prefixOf } from './job'
import { type PrepareOptions, prepare, type RunInputs } from './prepare'
import { checkSameAsTrained } from './provenance'
import { checkpointsOf, readSpec, readSummary } from './run-folder'
import { testLoss } from './test-loss'
import { openTrainer, type Trainer } from './trainer'

export interface EvaluateOptions extends PrepareOptions {
  /** threads of ONNX Runtime; 0: all cores */
  readonly threads: number
  readonly onShare: (doing: string, fraction: number) => void
  readonly signal: AbortSignal
}

async function checkReady(folder: string): Promise<void> {
  const { state, id, spec } = await readSummary(folder, new Set())
  if (isActive(state))
    throw new Fault('busy', `${id} is ${state.kind}`, 'Wait for its end, or stop it first.')
  if (spec.training.finalTestBatches === 0)
    throw new Fault(
      'usage',
      `${id} has no full test: training.finalTestBatches is 0`,
      'Start a run that has one.',
    )
  if ((await checkpointsOf(folder)).length === 0)
    throw new Fault('not-found', `${id} has no checkpoint`, 'Name a run that has checkpoints.')
}

interface Testing {
  readonly prepared: RunInputs
  readonly trainer: Trainer
  /** share of this checkpoint's batches that is done; throws where a stop was requested */
  onShare(share: number): void
}

/** Loss of one checkpoint over all batches of a final test. */
async function fullTestOf(path: string, { prepared, trainer, onShare }: Testing) {
  const { finalTestBatches, accumulation } = prepared.spec.training
  const most = finalTestBatches * accumulation
  const { state } = await readCheckpoint(path, t => fromStateDict(prepared.shape, t))
  const stream = prepared.data.validation(prefixOf(prepared))
  try {
    const work = testLoss(trainer, state.parameters, stream, most)
    let at = await work.next()
    while (at.done !== true) {
      onShare(at.value / most)
      // a stop request must get through between two batches
      await setImmediate()
      at = await work.next()
    }
    return at.value
  } finally {
    await stream.close()
  }
}

/**
 * Tests every checkpoint that has no full test yet; each is on disk when the next begins.
 * Faults: busy, usage, not-found; bad-data and bad-weights, where data or model have changed; cancelled.
 * @returns how many were tested now
 */
export async function evaluateCheckpoints(
  folder: string,
  options: EvaluateOptions,
): Promise<number> {
  await checkReady(folder)
  const spec = await readSpec(folder)
  const prepared = await prepare(spec, options)
  try {
    await checkSameAsTrained(folder, prepared, options)
    const { threads } = options
    const { runtime } = await openRuntime(spec.device, { threads, precision: spec.precision })
    const trainer = await openTrainer(trainerOptions(prepared, runtime))
    try {
      const known = await fullTestsOf(folder)
      const waiting = (await checkpointsOf(folder)).filter(({ step }) => !known.has(step))
      for (const [i, { path, step }] of waiting.entries()) {
        const onShare = (share: number): void => {
          stopIfAsked(options.signal)
          options.onShare(`testing step ${step}`, (i + share) / waiting.length)
        }
        const { loss, batches } = await fullTestOf(path, { prepared, trainer, onShare })
        await addFullTest(folder, { step, loss, batches })
      }
      return waiting.length
    } finally {
      await trainer.release()
    }
  } finally {
    await prepared.data.close()
  }
}

function stopIfAsked(signal: AbortSignal): void {
  if (signal.aborted)
    throw new Fault(
      'cancelled',
      'the evaluation was stopped',
      'Ask again: what was tested is kept.',
    )
}
