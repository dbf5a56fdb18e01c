// Trials of a device, on the CPU: everything that a GPU's first run goes through but the GPU.
import { describe, expect, test } from 'vitest'
import { resourcesFolder } from '../../src-worker/train/home'
import { isFailed } from '../../src-worker/verify/case'
import { casesOf } from '../../src-worker/verify/precisions'
import { runTrial, type Trial } from '../../src-worker/verify/trial'
import { trialSteps, troubleWith } from '../../src-worker/verify/trial-steps'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

const sizes = { lanes: 3, tokens: 24, promptTokens: 4 }
const model = referencePath('models', 'tiny-neox')

test('a trial trains in a process of its own, and its log is read', async () => {
  const trial = await runTrial({ device: 'cpu', precision: 'float32', model, ...sizes })
  expect(trial.device).toBe('cpu')
  expect(trial.gradient).toBeLessThan(1e-5)
  expect(trial.stepSeconds).toBeGreaterThan(0)
  expect(trial.copies).toEqual({ inside: 0, outside: 0, values: [] })
})

test('a precision that the device lacks is the fault of a run', async () => {
  const trial = runTrial({ device: 'cpu', precision: 'tf32', model, ...sizes })
  await expect(trial).rejects.toMatchObject({
    code: 'device',
    message: 'precision tf32 needs a CUDA device, this run is on the CPU',
  })
})

test('the steps of the doctor, on the CPU', async () => {
  const steps = []
  const places = { home: temporaryFolder(), resources: resourcesFolder() }
  for await (const step of trialSteps('cpu', places, sizes)) steps.push(step)
  expect(steps).toEqual([
    {
      name: 'trains in float32 on cpu',
      ok: true,
      found: expect.stringMatching(
        /^gradient \d\.\de-\d off the CPU's, .* ms a step, .* s to open, .*: 0 inside a step, 0 around$/,
      ),
      fix: null,
    },
  ])
})

const good: Trial = {
  device: 'cuda:0',
  gradient: 1e-3,
  loss: 1e-5,
  openSeconds: 1,
  stepSeconds: 0.004,
  copies: { inside: 0, outside: 2, values: [] },
}
const copied = { inside: 1, outside: 0, values: ['MemcpyToHost before v3'] }

describe.each([
  { name: 'well', precision: 'tf32', trial: good, wrong: [], fix: undefined },
  {
    name: 'TF32 instead of float32',
    precision: 'float32',
    trial: good,
    wrong: [/gradient$/],
    fix: /another precision/,
  },
  {
    name: 'float32 instead of TF32',
    precision: 'tf32',
    trial: { ...good, gradient: 1e-6 },
    wrong: [/rounded$/],
    fix: /not computed in tf32/,
  },
  {
    name: 'no number',
    precision: 'float16',
    trial: { ...good, gradient: Number.NaN },
    wrong: [/gradient$/, /rounded$/],
    fix: /another precision/,
  },
  {
    name: 'copies',
    precision: 'float16',
    trial: { ...good, copies: copied },
    wrong: [/copies inside/],
    fix: /MemcpyToHost before v3/,
  },
  {
    name: 'a log that does not say',
    precision: 'float16',
    trial: { ...good, copies: undefined },
    wrong: [/copies inside/],
    fix: /says nothing/,
  },
] as const)('$precision, $name', ({ precision, trial, wrong, fix }) => {
  test('verify and doctor see it', () => {
    const failed = [...casesOf('tiny', precision, trial)].filter(isFailed)
    expect(failed.map(c => c.case)).toEqual(wrong.map(words => expect.stringMatching(words)))
    const reported = troubleWith(precision, trial)
    if (fix === undefined) expect(reported).toBeUndefined()
    else expect(reported).toMatch(fix)
  })
})
