// Homes full of synthetic runs, written by the engine's own functions.

import { type MetricLine, tags } from '../../src-worker/contract/metrics'
import type { MetricSummary, RunState } from '../../src-worker/contract/run'
import { runSpecSchema } from '../../src-worker/contract/run-spec'
import { rng } from '../../src-worker/stream/rng'
import { newLease } from '../../src-worker/train/lease'
import { appendMetrics, summarised } from '../../src-worker/train/metrics-file'
import { createRun, emptyState, writeState } from '../../src-worker/train/run-folder'

export interface SyntheticRun {
  readonly id: string
  readonly folder: string
  /** the line of an optimizer step: a noisy curve, and all that training records */
  readonly line: (step: number) => MetricLine
}

const specOf = (place: number, steps: number) =>
  runSpecSchema.parse({
    experiment: { kind: 'autoregressive' },
    model: 'workbench-demo-base',
    data: { path: 'demo' },
    prompt: { type: 'direct', tokens: 2 ** (place % 7), init: { kind: 'vocabulary' } },
    training: { steps, testEvery: 32 },
    seed: place,
    name: `synthetic ${place}`,
  })

function lineOf(place: number): (step: number) => MetricLine {
  const random = rng(place, 'synthetic run')
  const [floor, rate] = [2 + random.uniform(), 200 + 800 * random.uniform()]
  const start = Date.now()
  return step => {
    const loss = floor + 3 * Math.exp(-step / rate) + 0.1 * random.normal()
    return {
      step,
      wall: start + step * 100,
      seconds: step * 0.1,
      tokens: step * 8192,
      values: {
        [tags.loss]: loss,
        [tags.gradientNorm]: 0.3 + 0.1 * random.uniform(),
        [tags.learningRate]: 1e-3,
        [tags.tokenCount]: step * 8192,
        [tags.tokensPerSecond]: 81920 * (0.9 + 0.2 * random.uniform()),
        [tags.dataWait]: 0.01 * random.uniform(),
        [tags.memory]: Math.round(1e9 + 1e6 * random.uniform()),
        ...(step % 32 === 0 ? { [tags.testLoss]: loss + 0.05 * random.normal() } : {}),
      },
    }
  }
}

/** The state file of a run at a step; a living one is leased to this process. */
export async function putState(
  { folder }: Pick<SyntheticRun, 'folder'>,
  kind: 'training' | 'done',
  step: number,
  metrics: Readonly<Record<string, MetricSummary>>,
): Promise<void> {
  const state: RunState = { kind }
  const lease = kind === 'training' ? newLease('benchmark') : null
  const metricsNow = { ...metrics }
  await writeState(folder, { ...emptyState(), state, step, lease, metrics: metricsNow })
}

/** @param points optimizer steps in metrics.jsonl @param steps of the whole run */
export async function putRun(
  home: string,
  place: number,
  points: number,
  kind: 'training' | 'done',
  steps = points,
): Promise<SyntheticRun> {
  const folder = await createRun(home, specOf(place, steps))
  const line = lineOf(place)
  const lines = Array.from({ length: points }, (_, i) => line(i + 1))
  await appendMetrics(folder, lines)
  const metrics = [...lines.slice(0, 40), ...lines.slice(-40)].reduce(summarised, {})
  const run = { id: folder.split(/[\\/]/).at(-1) ?? '', folder, line }
  await putState(run, kind, points, metrics)
  return run
}

export async function putRuns(
  home: string,
  count: number,
  points: number,
  kind: 'training' | 'done' = 'done',
  steps = points,
): Promise<readonly SyntheticRun[]> {
  const runs: SyntheticRun[] = []
  for (let i = 0; i < count; i++) runs.push(await putRun(home, i, points, kind, steps))
  return runs
}
