// The comparison that a GPU must pass, on two CPU trainers: equal ones agree, a wrong one is refused.
import { expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { ortRuntime } from '../../src-worker/session/ort'
import { checkDevice, deviation, gradientOfStep } from '../../src-worker/train/device-check'
import type { Trainer } from '../../src-worker/train/trainer'
import {
  optimizer,
  random,
  randomBatch,
  randomParameters,
  tinyModel,
  tinyTrainer,
} from '../program/setting'

const gradient = (loss: number, ...values: number[]) => ({
  loss,
  gradients: new Map([['embedding', { shape: [values.length], data: Float32Array.from(values) }]]),
})

test('the deviation is relative to the second', () => {
  expect(deviation(gradient(1, 3, 4), gradient(1, 3, 4))).toEqual({ loss: 0, gradient: 0 })
  expect(deviation(gradient(1.5, 3, 4.5), gradient(1, 3, 4))).toEqual({ loss: 0.5, gradient: 0.1 })
})

test('a missing parameter is not a number, so that it is refused', () => {
  expect(deviation({ loss: 1, gradients: new Map() }, gradient(1, 3)).gradient).toBeNaN()
})

const shape: PromptShape = { type: 'direct', tokens: 3, width: 64 }
const batch = randomBatch(random('b'), { lanes: 3, tokens: 15, promptTokens: 3 })
const parameters = randomParameters(random('p'), shape)

test.each([0, 1e-3, 1e3])('the gradient is read off a step that clips at %d', async clipNorm => {
  const own = { ...optimizer, clipNorm }
  const trainer = await tinyTrainer('tiny-llama', shape, { optimizer: own, strategy: 'multi-step' })
  const found = await gradientOfStep(trainer, own, parameters, batch)
  const expected = await trainer.gradient(parameters, batch)
  await trainer.release()
  const { gradient, loss } = deviation(found, expected)
  expect(gradient).toBeLessThan(1e-5)
  expect(loss).toBeLessThan(1e-5)
})

/** Logs the comparison of a trainer whose gradients are wrong by a factor. */
async function checked(factor: number): Promise<readonly string[]> {
  const model = await tinyModel('tiny-neox')
  const trainer = await tinyTrainer('tiny-neox', shape, { strategy: 'multi-step' })
  const wrong: Trainer = {
    ...trainer,
    advance: async (...args) => {
      const found = await trainer.advance(...args)
      for (const { data } of found.state.m.values()) data.set(data.map(x => factor * x))
      return found
    },
  }
  const lines: string[] = []
  const options = { runtime: ortRuntime(), model, shape, optimizer, mode: 'weighted' } as const
  try {
    await checkDevice(wrong, options, parameters, batch, line => lines.push(line))
  } finally {
    await trainer.release()
  }
  return lines
}

test('a device that computes the same passes, and the log has the numbers', async () => {
  expect(await checked(1)).toEqual([
    expect.stringMatching(
      /^gradient of one micro-batch \(float32\) against the CPU's: relative \d\.\d\de-\d, loss/,
    ),
  ])
})

test('float32 that is off as TF32 would be is a fault', async () => {
  await expect(checked(1.001)).rejects.toMatchObject({
    code: 'device',
    message: expect.stringMatching(
      /deviates from the CPU's by 1\.00e-3 \(float32\), more than 0\.0002/,
    ),
    fix: 'Run `spw verify --device …`, update the driver, or train on the CPU.',
  })
})
