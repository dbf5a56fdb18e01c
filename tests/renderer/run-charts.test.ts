// What stands where a run's lines will be, while there are none.
import { expect, test } from 'vitest'
import { nothingDrawn } from '../../src-renderer/components/run/run-charts'
import type { RunState, RunSummary } from '../../src-worker/contract/run'

const run = (kind: RunState['kind'], step: number): RunSummary =>
  ({ state: { kind }, step }) as RunSummary

test.each([
  [[run('queued', 0)], 'Waiting for its turn: drawn here from the first step on.'],
  [[run('queued', 0), run('preparing', 0)], 'Drawn here from the first step on.'],
  [[run('failed', 0)], 'No step was trained.'],
  [[run('failed', 0), run('training', 3)], ''],
  [[run('queued', 40)], ''],
])('%#', (runs, words) => {
  expect(nothingDrawn(runs)).toBe(words)
})
