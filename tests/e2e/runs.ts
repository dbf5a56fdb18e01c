// Starting and following runs of the bundled demo model, for end-to-end tests.
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { RunState, RunSummary } from '../../src-worker/contract/run'
import type { RunSpecInput, SweepSpec } from '../../src-worker/contract/run-spec'
import { ask } from './harness'

/**
 * A small text run on the demo model: about a tenth of a second a step. On short texts: the demo's own are looked at for
 * two seconds before each run.
 */
export const demoSpec = (steps: number): RunSpecInput => ({
  experiment: { kind: 'autoregressive' },
  model: 'workbench-demo-base',
  data: { path: resolve('resources/data/shout.jsonl'), field: 'prompt' },
  prompt: { type: 'direct', tokens: 4, init: { kind: 'zero' } },
  training: { steps, lanes: 4, length: 64, accumulation: 1, testEvery: 0, finalTestBatches: 1 },
  results: { prompts: 0, metricSamples: 0 },
  device: 'cpu',
})

const sweepOf = (base: RunSpecInput): SweepSpec => ({
  name: '',
  base,
  tokens: [],
  models: [],
  datasets: [],
  seeds: [],
  untrained: false,
})

/** @returns its id */
export async function startRun(page: Page, base: RunSpecInput): Promise<string> {
  const { runs } = await ask(page, 'startSweep', { sweep: sweepOf(base), frozen: '' })
  expect(runs).toHaveLength(1)
  return runs[0]!
}

export async function runOf(page: Page, id: string): Promise<RunSummary> {
  return (await ask(page, 'run', { id })).summary
}

/** Waits until the run is in one of the states; fails at once when it failed. */
export async function untilState(
  page: Page,
  id: string,
  kinds: readonly RunState['kind'][],
  timeout = 60_000,
): Promise<RunSummary> {
  const end = Date.now() + timeout
  for (;;) {
    const run = await runOf(page, id)
    if (kinds.includes(run.state.kind)) return run
    if (run.state.kind === 'failed') throw new Error(JSON.stringify(run.state.fault))
    if (Date.now() > end) throw new Error(`still ${run.state.kind} at step ${run.step}`)
    await new Promise(done => setTimeout(done, 100))
  }
}

/** Waits until the run has trained so many steps. */
export async function untilStep(page: Page, id: string, step: number): Promise<RunSummary> {
  await expect
    .poll(async () => (await runOf(page, id)).step, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(step)
  return runOf(page, id)
}
