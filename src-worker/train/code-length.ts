// What a run's training data cost as a code, label by label at their first sight: as the prompt was learnt (the losses that
// training logged), with the final prompt, and without one. See docs/statistics.md, "In bits".
import { setImmediate } from 'node:timers/promises'
import type { MicroBatch } from '../contract/batch'
import type { CodeLength } from '../contract/bits'
import { Fault, fail } from '../contract/fault'
import { tags } from '../contract/metrics'
import type { RunSpec } from '../contract/run-spec'
import type { Parameters } from '../contract/snapshot'
import { openRuntime } from '../session/provider'
import { writeAtomically } from '../weights/atomic'
import { openSnapshot } from '../weights/snapshot-file'
import { trainerOptions } from './engine-options'
import type { EvaluateOptions } from './evaluate-checkpoints'
import { prefixOf } from './job'
import { readMetrics } from './metrics-file'
import { prepare, type RunInputs } from './prepare'
import { checkSameAsTrained } from './provenance'
import { readSummary, runFiles } from './run-folder'
import { openTrainer } from './trainer'

async function checkReady(folder: string): Promise<{ spec: RunSpec; step: number }> {
  const { state, id, spec, step, readOnly } = await readSummary(folder, new Set())
  const refuse = (why: string, fix: string): never => {
    throw new Fault('usage', `${id} ${why}`, fix)
  }
  if (readOnly || state.kind !== 'done')
    refuse(`is ${readOnly ? 'imported' : state.kind}`, 'Name a run that has trained to its end.')
  if (spec.training.steps === 0)
    refuse('trains nothing: a code length is of a prompt that learns', 'Name a trained run.')
  if ('init' in spec.prompt && spec.prompt.init.kind === 'snapshot')
    refuse(
      'starts from a snapshot, which may have seen these data before',
      'Name a run that starts anew.',
    )
  if (spec.original && spec.training.accumulation > 1)
    refuse('weighs its micro-batches as the original does', 'Name a run without --original.')
  return { spec, step }
}

/** Nats of the training loss by step. */
async function lossesOf(folder: string): Promise<ReadonlyMap<number, number>> {
  const losses = new Map<number, number>()
  for await (const { step, values } of readMetrics(folder))
    if (values[tags.loss] !== undefined) losses.set(step, Number(values[tags.loss]))
  return losses
}

interface Pass {
  readonly labels: number[]
  readonly nats: number[]
}

const labelsOf = (micro: readonly MicroBatch[]): number =>
  micro.reduce((sum, { divisor }) => sum + divisor, 0)

/** The steps whose records are all seen for the first time, in their order. */
async function* firstSteps(inputs: RunInputs): AsyncGenerator<readonly MicroBatch[]> {
  const { steps, accumulation } = inputs.spec.training
  const stream = inputs.data.train(undefined, prefixOf(inputs))
  try {
    for (let k = 0; k < steps; k++) {
      const micro: MicroBatch[] = []
      for (let a = 0; a < accumulation; a++) {
        const { batch, cursor } = await stream.next()
        if (cursor.epoch > 0) return
        micro.push(batch)
      }
      yield micro
    }
  } finally {
    await stream.close()
  }
}

/** Nats of each step's labels behind a prompt that stays as it is. */
async function passOf(
  inputs: RunInputs,
  parameters: Parameters,
  { threads }: EvaluateOptions,
  onStep: (step: number) => void,
): Promise<Pass> {
  const { spec } = inputs
  const { runtime } = await openRuntime(spec.device, { threads, precision: spec.precision })
  const trainer = await openTrainer(trainerOptions(inputs, runtime))
  const pass: Pass = { labels: [], nats: [] }
  try {
    for await (const micro of firstSteps(inputs)) {
      onStep(pass.labels.length)
      let nats = 0
      for (const batch of micro)
        nats += (await trainer.evaluate(parameters, batch)).loss * batch.divisor
      pass.labels.push(labelsOf(micro))
      pass.nats.push(nats)
      // a stop request must get through between two steps
      await setImmediate()
    }
    return pass
  } finally {
    await trainer.release()
  }
}

/**
 * Without a prompt nothing stands before a sample's first token, so it is no label there: it is taken to cost what the
 * other labels of its step do.
 */
const overLabels = ({ nats, labels }: Pass, wanted: Pass): number[] =>
  nats.map((x, i) => (x * (wanted.labels[i] ?? 0)) / (labels[i] || 1))

/** The same data before the model without a soft prompt. undefined: the model names no start token. */
async function baselinePass(
  spec: RunSpec,
  type: 'none' | 'start-token',
  options: EvaluateOptions,
  onStep: (step: number) => void,
): Promise<Pass | undefined> {
  const inputs = await prepare({ ...spec, prompt: { type } }, options)
  try {
    return await passOf(inputs, new Map(), options, onStep)
  } catch (error) {
    if (error instanceof Fault && error.code === 'bad-tokenizer') return undefined
    throw error
  } finally {
    await inputs.data.close()
  }
}

/**
 * Measures and keeps it: three passes over the training data as far as they are new, none of them learning.
 * Faults: usage, bad-data and bad-weights (data or model have changed), cancelled.
 */
export async function measureCodeLength(
  folder: string,
  options: EvaluateOptions,
): Promise<CodeLength> {
  const { spec, step } = await checkReady(folder)
  const { parameters } = await openSnapshot(runFiles(folder).snapshot)
  const inputs = await prepare(spec, options)
  const { steps } = spec.training
  const reporter = (doing: string, from: number) => (step: number) => {
    if (options.signal.aborted)
      throw new Fault('cancelled', 'the measurement was stopped', 'Ask again.')
    options.onShare(doing, (from + step / steps) / 3)
  }
  let final: Pass
  try {
    await checkSameAsTrained(folder, inputs, options)
    final = await passOf(inputs, parameters, options, reporter('with the final prompt', 0))
  } finally {
    await inputs.data.close()
  }
  const none = await baselinePass(spec, 'none', options, reporter('without a prompt', 1))
  const start = await baselinePass(spec, 'start-token', options, reporter('the start token', 2))
  const losses = await lossesOf(folder)
  const found: CodeLength = {
    step,
    labels: final.labels,
    first: final.labels.map((labels, i) => labels * (losses.get(i + 1) ?? Number.NaN)),
    final: final.nats,
    none: overLabels(none ?? fail('no prompt needs no token'), final),
    startToken: start === undefined ? null : overLabels(start, final),
  }
  await writeAtomically(runFiles(folder).codeLength, `${JSON.stringify(found)}\n`)
  return found
}
