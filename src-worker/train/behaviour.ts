// What the prompted model does on held-out data, beside its loss: chess moves, walks, completions. Details go to
// behaviour.json, shares to metrics.jsonl and TensorBoard.
import { createHash } from 'node:crypto'
import { customMeasured, customOutcomes } from '../behaviours/custom/measures'
import type { CustomOutcome } from '../behaviours/custom/outcome'
import { chessBehaviour, type Measuring, pathBehaviour } from '../behaviours/play-measures'
import { heldOutUnitOf } from '../contract/analysed-run'
import type { MetricLine } from '../contract/metrics'
import { writeAtomically } from '../weights/atomic'
import type { Job, RunUpdate } from './job'
import { scalar } from './metrics-file'
import { runFiles } from './run-folder'
import type { RunSampler } from './run-sampler'

/** Runs whose file has the same name here were measured on the same records in the same order. */
const setOf = (records: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(records)).digest('hex').slice(0, 16)

async function* customBehaviour(job: Job, sampler: RunSampler): Measuring {
  const outcomes: CustomOutcome[] = []
  const records: (readonly string[])[] = []
  for await (const { prompt, outcome, fraction } of customOutcomes(job, sampler)) {
    outcomes.push(outcome)
    records.push([prompt.text, prompt.expected ?? ''])
    job.checkStop()
    yield { kind: 'progress', doing: 'answering held-out pairs', fraction }
  }
  if (outcomes.length === 0) return undefined
  return { ...customMeasured(outcomes), records }
}

const measures: Partial<Record<string, (job: Job, sampler: RunSampler) => Measuring>> = {
  chess: chessBehaviour,
  pathfinding: pathBehaviour,
  custom: customBehaviour,
}

/** Shares by tag, or undefined when the experiment has no measure but its loss. */
export async function* behaviour(
  job: Job,
  sampler: RunSampler,
): AsyncGenerator<RunUpdate, MetricLine['values'] | undefined> {
  const { experiment, results } = job.prepared.spec
  const measure = measures[experiment.kind]
  if (measure === undefined || results.metricSamples === 0) return undefined
  const measured = yield* measure(job, sampler)
  if (measured === undefined) return undefined
  const { scalars, shares, details, records } = measured
  const reported = { unit: heldOutUnitOf(experiment.kind), set: setOf(records), shares, details }
  await writeAtomically(runFiles(job.folder).behaviour, `${JSON.stringify(reported)}\n`)
  return Object.fromEntries(Object.entries(scalars).map(([tag, x]) => [tag, scalar(x)]))
}
