// K: short run calls, but not so short that a GPU's time goes into moving the state.
import { describe, expect, test } from 'vitest'
import type { RunSpec } from '../../src-worker/contract/run-spec'
import { stepsPerCall, timed } from '../../src-worker/train/steps-per-call'

const training = (changes: Partial<RunSpec['training']> = {}) => ({
  training: {
    steps: 10_000,
    lanes: 8,
    accumulation: 1,
    length: 256,
    testEvery: 0,
    testBatches: 1,
    checkpointEvery: 0,
    finalTestBatches: 0,
    ...changes,
  },
})

test.each([
  { what: 'nothing known yet', step: 0, transfer: 0, k: 1 },
  { what: 'slow steps', step: 0.9, transfer: 0, k: 1 },
  { what: 'half a second', step: 0.1, transfer: 0, k: 5 },
  { what: 'fast steps', step: 1e-4, transfer: 0, k: 64 },
  { what: 'a small crossing changes nothing', step: 0.1, transfer: 1e-3, k: 5 },
  // 101 M parameters and their moments, 1.2 GB each way; pythia-160m on one GPU
  { what: 'the chess prompt of 1024 tokens', step: 0.05, transfer: 0.6, k: 388 },
  { what: 'no longer than twenty seconds', step: 0.5, transfer: 0.6, k: 39 },
  { what: 'unknown steps, known crossing', step: 0, transfer: 0.6, k: 1 },
])('$what: $k steps', ({ step, transfer, k }) => {
  expect(stepsPerCall(training(), 0, { step, transfer })).toBe(k)
})

test('crossing takes at most 3 % of a run call, unless that takes more than 20 s or 1024 steps', () => {
  for (const transfer of [0.01, 0.1, 0.3, 0.6])
    for (const step of [0.001, 0.01, 0.05, 0.2]) {
      const k = stepsPerCall(training(), 0, { step, transfer })
      const share = transfer / (transfer + k * step)
      const atLimit = k === 1024 || (k + 1) * step > 20
      expect(share <= 0.03 || atLimit).toBe(true)
      expect(k * step).toBeLessThanOrEqual(20)
    }
})

test.each([
  { step: 0, k: 50 },
  { step: 30, k: 20 },
  { step: 50, k: 14 },
  { step: 9_990, k: 10 },
])('after $step steps: never past a test, a checkpoint or the end', ({ step, k }) => {
  const spec = training({ testEvery: 50, checkpointEvery: 64 })
  expect(stepsPerCall(spec, step, { step: 0.01, transfer: 1 })).toBe(k)
})

describe('timing', () => {
  test('what the crossing takes is no part of a step', () => {
    expect(timed({ step: 0, transfer: 0.6 }, 1.1, 10).step).toBeCloseTo(0.05, 12)
  })

  test('the first call opens the program, which is forgotten at the second', () => {
    const first = timed({ step: 0, transfer: 0.6 }, 20, 1)
    expect(timed(first, 0.65, 1).step).toBeCloseTo(0.05, 12)
  })

  test('afterwards it follows slowly', () => {
    expect(timed({ step: 0.1, transfer: 0 }, 0.8, 10).step).toBeCloseTo(0.09, 12)
  })

  test('a step always takes some time', () => {
    expect(timed({ step: 0, transfer: 0.6 }, 0.5, 1).step).toBeGreaterThan(0)
  })
})
