// The comparison that a GPU must pass, on two CPU trainers: equal ones agree, a wrong one is refused.
import { expect, test } from 'vitest'
import { deviation } from '../../src-worker/train/device-check'

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
