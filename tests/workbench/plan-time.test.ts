// The time of a plan, by what it is spent on.
import { expect, test } from 'vitest'
import { sweepSpecSchema } from '../../src-worker/contract/run-spec'
import { planSweep } from '../../src-worker/workbench/plan'
import { temporaryFolder } from '../temporary'
import { resources } from '../train/runs'

test("a plan's time is the sum of what its cells are spent on", async () => {
  const training = {
    steps: 10,
    testEvery: 4,
    testBatches: 2,
    finalTestBatches: 6,
    length: 64,
    lanes: 8,
  }
  const sweep = sweepSpecSchema.parse({
    base: {
      ...{ experiment: { kind: 'autoregressive' }, model: 'workbench-demo-base', seed: 1 },
      ...{ data: { path: 'demo' }, training, results: { prompts: 4, maxTokens: 16 } },
    },
    tokens: [4],
    seeds: [1, 2],
  })
  const places = { home: temporaryFolder(), resources }
  const { parts, seconds, secondsPerStep } = await planSweep(sweep, {
    ...{ ...places, measure: async () => 0.5, runs: [] },
  })
  expect(secondsPerStep).toBeCloseTo(0.5, 9)
  // two cells of half a second a step; a forward pass is half of one
  expect(parts?.training).toBeCloseTo(10, 9)
  expect(parts?.tests).toBeCloseTo((1 + 3) * 2 * 0.5, 9)
  expect(parts?.finalTest).toBeCloseTo(3, 9)
  expect(parts?.samples).toBeCloseTo((2 * 4 * 16) / (8 * 64) / 2, 9)
  const sum = Object.values(parts ?? {}).reduce((a, b) => a + b, 0)
  expect(seconds).toBeCloseTo(sum, 9)
})
