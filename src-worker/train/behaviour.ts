// What the prompted model does on held-out data, beside its loss. Details go to behaviour.json, shares to metrics.jsonl
// and TensorBoard.
import { createHash } from 'node:crypto'
import { behaviourOf } from '../behaviours/registry'
import type { MetricLine } from '../contract/metrics'
import { writeAtomically } from '../weights/atomic'
import type { Job, RunUpdate } from './job'
import { scalar } from './metrics-file'
import { runFiles } from './run-folder'
import type { RunSampler } from './run-sampler'

/** Runs whose file has the same name here were measured on the same records in the same order. */
const setOf = (records: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(records)).digest('hex').slice(0, 16)

/** Shares by tag, or undefined when the behaviour has no measure but its loss. */
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
