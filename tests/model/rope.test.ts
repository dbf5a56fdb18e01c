// Rope angles: exact formula, linear and llama3 scaling, against values worked out by hand.
import { expect, test } from 'vitest'
import type { Rope, RopeScaling } from '../../src-worker/contract/model'
import { frequencies, rotaryTable } from '../../src-worker/model/rope'

const rope = (scaling: RopeScaling, rotaryDim = 4, theta = 10_000): Rope => ({
  theta,
  rotaryDim,
  interleaved: false,
  scaling,
})

test('default: theta^(−2i/D)', () => {
  expect(frequencies(rope({ kind: 'default' }))).toEqual([1, 0.01])
})

test('linear: all frequencies divided', () => {
  expect(frequencies(rope({ kind: 'linear', factor: 4 }))).toEqual([0.25, 0.0025])
})

test('llama3: short waves kept, long ones divided, a blend between', () => {
  const scaling: RopeScaling = {
    kind: 'llama3',
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalMaxPositions: 64,
  }
  // 64 positions hold 10.2, 1.02 and 0.1 turns of the frequencies 1, 0.1 and 0.01
  const [short, middle, long] = frequencies(rope(scaling, 6, 1000))
  expect(short).toBe(1)
  const share = ((64 * 0.1) / (2 * Math.PI) - 1) / 3
  expect(middle).toBeCloseTo((1 - share) * (0.1 / 8) + share * 0.1, 12)
  expect(long).toBeCloseTo(0.01 / 8, 12)
})

test('the table is rounded once, from float64', () => {
  const { cos, sin, width } = rotaryTable(rope({ kind: 'default' }), 50)
  expect(width).toBe(2)
  expect(cos[2 * 49]).toBe(Math.fround(Math.cos(49)))
  expect(sin[2 * 49 + 1]).toBe(Math.fround(Math.sin(0.49)))
})
