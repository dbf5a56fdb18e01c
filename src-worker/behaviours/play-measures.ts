// Chess and pathfinding, measured on the run's own held-out games and boards.

import type { BehaviourMeasures } from '../sample/measured'
import type { Job, RunUpdate } from '../train/job'
import type { RunSampler } from '../train/run-sampler'
import type { GameText } from './chess/data'
import { chessMetrics } from './chess/measures'
import type { WalkText } from './paths/data'
import { pathMetrics } from './paths/measures'

/** What was measured, on which held-out records. */
export interface MeasuredOn extends BehaviourMeasures {
  readonly records: readonly unknown[]
}
export type Measuring = AsyncGenerator<RunUpdate, MeasuredOn | undefined>

/** The first held-out records: results.metricSamples of them, fewer when there are no more. */
async function heldOut<T>({ prepared }: Job): Promise<T[]> {
  const { metricSamples } = prepared.spec.results
  const found: T[] = []
  for await (const raw of prepared.data.heldOut()) {
    found.push(raw as T)
    if (found.length >= metricSamples) break
  }
  return found
}

/** Reports the progress of a measure, and stops between two of its steps when that was requested. */
async function* withProgress(
  job: Job,
  doing: string,
  work: AsyncGenerator<number, BehaviourMeasures>,
): AsyncGenerator<RunUpdate, BehaviourMeasures> {
  let step = await work.next()
  while (step.done !== true) {
    job.checkStop()
    yield { kind: 'progress', doing, fraction: step.value }
    step = await work.next()
  }
  return step.value
}

/** Who plays: the trained prompt, or the baseline that the run stands for. */
const promptedModelOf = ({ sampler, snapshot, prefixToken }: RunSampler) => ({
  sampler,
  startToken: prefixToken !== undefined,
  ...(snapshot === undefined ? {} : { snapshot }),
})

export async function* chessBehaviour(job: Job, runSampler: RunSampler): Measuring {
  const games = await heldOut<GameText>(job)
  if (games.length === 0) return undefined
  const { length } = job.prepared.spec.training
  const work = chessMetrics({ ...promptedModelOf(runSampler), games, length })
  return { ...(yield* withProgress(job, 'playing held-out games', work)), records: games }
}

export async function* pathBehaviour(job: Job, runSampler: RunSampler): Measuring {
  const boards = await heldOut<WalkText>(job)
  if (boards.length === 0) return undefined
  const work = pathMetrics({ ...promptedModelOf(runSampler), boards })
  return { ...(yield* withProgress(job, 'walking held-out boards', work)), records: boards }
}
