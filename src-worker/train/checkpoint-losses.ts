// The numbers shown with a checkpoint: held-out losses of this very prompt, and what training saw just before. A quick test and
// a full test look at different batches: each has a name of its own, and neither stands in for the other.
import { readFile } from 'node:fs/promises'
import { tags } from '../contract/metrics'
import { type CheckpointEntry, lossesMeaned } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { fullTestsOf } from './checkpoint-tests'
import { parseLine } from './metrics-file'
import { checkpointsOf, runFiles } from './run-folder'

interface Losses {
  /** nats per held-out token at that step, in the test during training */
  readonly quickTest: number | null
  /** in the final test, of a run in which it looks at the same data as the tests during training */
  readonly finalTest: number | null
  /** mean of the last `lossesMeaned` training losses up to that step, nats per token */
  readonly trainLoss: number | null
}

/** A number that was not finite at the end is left out. */
const reported = (x: number | undefined): number | null =>
  x !== undefined && Number.isFinite(x) ? x : null

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length

/** The step of a line as our own code writes it, without the cost of reading the rest. */
const stepOf = (line: string): number => Number(/^\{"step":(\d+),/.exec(line)?.[1] ?? Number.NaN)

/** Those of the ascending `steps` whose mean a line at step `at` counts for. */
function counting(steps: readonly number[], at: number): readonly number[] {
  let [low, high] = [0, steps.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  const end = steps.findIndex((step, i) => i >= low && step >= at + lossesMeaned)
  return steps.slice(low, end < 0 ? undefined : end)
}

function lossesAt(metrics: string, steps: readonly number[]): ReadonlyMap<number, Losses> {
  const quick = new Map<number, number>()
  const final = new Map<number, number>()
  const train = new Map<number, number[]>()
  for (const text of metrics.split('\n')) {
    const near = counting(steps, stepOf(text))
    const line = near.length > 0 ? parseLine(text) : undefined
    if (line === undefined) continue
    const { step, values } = line
    if (values[tags.testLoss] !== undefined) quick.set(step, Number(values[tags.testLoss]))
    if (values[tags.finalTestLoss] !== undefined)
      final.set(step, Number(values[tags.finalTestLoss]))
    if (values[tags.loss] === undefined) continue
    for (const of of near) train.set(of, [...(train.get(of) ?? []), Number(values[tags.loss])])
  }
  const all = (step: number): Losses => ({
    quickTest: reported(quick.get(step)),
    finalTest: reported(final.get(step)),
    trainLoss: reported(mean(train.get(step) ?? [])),
  })
  return new Map(steps.map(step => [step, all(step)]))
}

/** Checkpoints of a run with their losses, first step first. */
export async function ratedCheckpoints(
  folder: string,
  { data }: RunSpec,
): Promise<readonly CheckpointEntry[]> {
  const files = await checkpointsOf(folder)
  if (files.length === 0) return []
  const metrics = await readFile(runFiles(folder).metrics, 'utf8').catch(() => '')
  const steps = files.map(file => file.step)
  const losses = lossesAt(metrics, steps)
  const full = await fullTestsOf(folder)
  return files.map(file => {
    const { quickTest = null, finalTest = null, trainLoss = null } = losses.get(file.step) ?? {}
    // where nothing is cut, the final test is the full test of the last step
    const fullTest = full.get(file.step) ?? (data.validation ? null : finalTest)
    return { ...file, quickTest, fullTest, trainLoss }
  })
}
