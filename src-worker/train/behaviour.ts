// What the prompted model does on held-out data, beside its loss: chess moves, walks, completions. Details go to
// behaviour.json, shares to metrics.jsonl and TensorBoard.
import type { MetricLine } from '../contract/metrics'
import { writeAtomically } from '../weights/atomic'
import { type CustomOutcome, customOutcomes, customScalars } from './custom-metrics'
import type { Job, RunUpdate } from './job'
import { scalar } from './metrics-file'
import { chessBehaviour, pathBehaviour } from './play-metrics'
import { runFiles } from './run-folder'
import type { RunSampler } from './run-sampler'

interface Measured {
  readonly scalars: Readonly<Record<string, number>>
  readonly details: unknown
}

type Measuring = AsyncGenerator<RunUpdate, Measured | undefined>

async function* customBehaviour(job: Job, sampler: RunSampler): Measuring {
  const outcomes: CustomOutcome[] = []
  for await (const { outcome, fraction } of customOutcomes(job, sampler)) {
    outcomes.push(outcome)
    job.checkWish()
    yield { kind: 'progress', doing: 'answering held-out pairs', fraction }
  }
  if (outcomes.length === 0) return undefined
  return { scalars: customScalars(outcomes), details: outcomes }
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
  const { scalars, details } = measured
  await writeAtomically(runFiles(job.folder).behaviour, `${JSON.stringify(details)}\n`)
  return Object.fromEntries(Object.entries(scalars).map(([tag, x]) => [tag, scalar(x)]))
}
