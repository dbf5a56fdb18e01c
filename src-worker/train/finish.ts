// After the last step: the final held-out loss, the snapshot, what the prompted model does and writes.
import { createHash } from 'node:crypto'
import { behaviourOf } from '../behaviours/registry'
import { type MetricLine, tags } from '../contract/metrics'
import type { RunState } from '../contract/run'
import type { Runtime } from '../session/runtime'
import { writeAtomically } from '../weights/atomic'
import { type Job, lineOf, type RunUpdate, streamOptions } from './job'
import type { LoopState } from './loop'
import { scalar } from './metrics-file'
import { writeResults } from './results'
import { runFiles } from './run-folder'
import { openRunSampler, type RunSampler } from './run-sampler'
import { saveSnapshot } from './save'
import { type FinalTest, testLoss } from './test-loss'

export interface Finish {
  readonly runtime: Runtime
  enter(state: RunState): Promise<RunUpdate>
}

export async function* finish(
  job: Job,
  last: LoopState,
  { runtime, enter }: Finish,
): AsyncGenerator<RunUpdate> {
  const { folder, record } = job
  const test = yield* finalTest(job, last)
  if (test !== undefined) yield await note(job, last, { [tags.finalTestLoss]: scalar(test.loss) })
  await saveSnapshot(job, last, test?.loss ?? Number.NaN)
  await writeReport(job)
  const { prompts, metricSamples } = job.prepared.spec.results
  if (prompts + metricSamples === 0) return
  yield await enter({ kind: 'sampling' })
  // training's session is not needed any more, and its memory may be
  await job.trainer.release()
  const sampler = await openRunSampler(job, runtime, last)
  try {
    const values = yield* behaviour(job, sampler)
    if (values !== undefined) yield await note(job, last, values)
    yield* writeResults(job, sampler, values)
  } finally {
    await sampler.close()
  }
  record.log(`finished in ${folder}`)
}

/** One more line of metrics, at the last step. */
async function note(job: Job, last: LoopState, values: MetricLine['values']): Promise<RunUpdate> {
  const line = lineOf(last, values)
  await job.record.add([line], {})
  return { kind: 'metrics', lines: [line] }
}

async function* finalTest(
  job: Job,
  last: LoopState,
): AsyncGenerator<RunUpdate, FinalTest | undefined> {
  const { folder, prepared, trainer } = job
  const { finalTestBatches, accumulation } = prepared.spec.training
  const batches = finalTestBatches * accumulation
  if (batches === 0) return undefined
  // two copies of the weights at once would be the most that a run holds
  await trainer.only('tests')
  const stream = prepared.data.test(streamOptions(job))
  try {
    const steps = testLoss(trainer, last.state.parameters, stream, batches)
    let step = await steps.next()
    while (step.done !== true) {
      job.checkStop()
      yield { kind: 'progress', doing: 'testing on held-out data', fraction: step.value / batches }
      step = await steps.next()
    }
    const { documents, ...found } = step.value
    const units = await prepared.data.unitsOf(documents)
    const { unit } = behaviourOf(prepared.spec.experiment.kind)
    const test: FinalTest = { ...found, unit, ...(units && { units: [...units] }) }
    await writeAtomically(runFiles(folder).finalTest, `${JSON.stringify(test)}\n`)
    return test
  } finally {
    await stream.close()
  }
}

async function writeReport({ folder, prepared }: Job): Promise<void> {
  const report = JSON.stringify(prepared.data.report(), null, 2)
  await writeAtomically(runFiles(folder).dataReport, `${report}\n`)
}

/** Runs whose file has the same name here were measured on the same records in the same order. */
const setOf = (records: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(records)).digest('hex').slice(0, 16)

/**
 * What the prompted model does on held-out data, beside its loss: details go to behaviour.json, shares to metrics.jsonl and
 * TensorBoard.
 * @returns shares by tag, or undefined when the behaviour has no measure but its loss.
 */
export async function* behaviour(
  job: Job,
  sampler: RunSampler,
): AsyncGenerator<RunUpdate, MetricLine['values'] | undefined> {
  const { spec, data } = job.prepared
  const { measure, unit } = behaviourOf(spec.experiment.kind)
  if (measure === undefined || spec.results.metricSamples === 0) return undefined
  const work = measure({ ...job.prepared, ...sampler, ...data })
  let step = await work.next()
  while (step.done !== true) {
    job.checkStop()
    yield { kind: 'progress', ...step.value }
    step = await work.next()
  }
  if (step.value === undefined) return undefined
  const { scalars, shares, details, records } = step.value
  const measured = { unit, set: setOf(records), shares, details }
  await writeAtomically(runFiles(job.folder).behaviour, `${JSON.stringify(measured)}\n`)
  return Object.fromEntries(Object.entries(scalars).map(([tag, x]) => [tag, scalar(x)]))
}
