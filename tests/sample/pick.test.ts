import { expect, test } from 'vitest'
import { distribution, draw, type PickOptions, topTokens } from '../../src-worker/sample/pick'
import { kthLargest } from '../../src-worker/sample/select'
import { rng } from '../../src-worker/stream/rng'

const neutral: PickOptions = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 }
const logits = Float32Array.from([Math.log(0.5), Math.log(0.25), Math.log(0.15), Math.log(0.1)])

const ids = (options: Partial<PickOptions>, history: number[] = []): number[] => [
  ...distribution(logits, history, { ...neutral, ...options }).ids,
]

test('the limits of each option', () => {
  expect(ids({})).toEqual([0, 1, 2, 3])
  expect(ids({ temperature: 0 })).toEqual([0])
  expect(ids({ topK: 1 })).toEqual([0])
  expect(ids({ topK: 99 })).toEqual([0, 1, 2, 3])
  expect(ids({ topP: 0 })).toEqual([0])
  expect(ids({ topP: 0.51 })).toEqual([0, 1])
  // p² of all: 0.72 0.18 0.07 0.03; √p: 0.37 0.26 0.20 0.17
  expect(ids({ temperature: 0.5, topP: 0.7 })).toEqual([0])
  expect(ids({ temperature: 2, topP: 0.7 })).toEqual([0, 1, 2])
  expect(ids({ minP: 1 })).toEqual([0])
  expect(ids({ minP: 0.29 })).toEqual([0, 1, 2])
  expect(ids({ temperature: 0, repetitionPenalty: 4 }, [0])).toEqual([1])
})

test('draws follow the probabilities, and a seed gives the same draws', () => {
  const from = distribution(logits, [], neutral)
  const counts = [0, 0, 0, 0]
  const random = rng(1, 'test')
  for (let i = 0; i < 20_000; i++) counts[draw(from, random)]!++
  for (const [i, p] of [0.5, 0.25, 0.15, 0.1].entries())
    expect(Math.abs(counts[i]! / 20_000 - p)).toBeLessThan(0.015)
  const again = (): number[] => {
    const same = rng(7, 'lane 0')
    return Array.from({ length: 50 }, () => draw(from, same))
  }
  expect(again()).toEqual(again())
})

test('the most probable tokens, ties by id', () => {
  const top = topTokens(Float32Array.of(1, 3, 3, 2), 3)
  expect(top.map(each => each.token)).toEqual([1, 2, 3])
  const all = topTokens(logits, 4)
  expect(all.reduce((sum, each) => sum + Math.exp(each.logProb), 0)).toBeCloseTo(1, 6)
  expect(topTokens(logits, 0)).toEqual([])
})

test('the k-th largest equals that of sorting', () => {
  const random = rng(3, 'select')
  for (let size = 1; size < 60; size++) {
    const values = Array.from({ length: size }, () => random.below(20))
    const sorted = [...values].sort((a, b) => b - a)
    for (let k = 1; k <= size; k++) expect(kthLargest(values, k)).toBe(sorted[k - 1])
  }
})

test('the nucleus equals that of sorting, flat or steep', () => {
  const random = rng(4, 'nucleus')
  for (const scale of [0, 0.1, 1, 5, 30, 200])
    for (const topP of [0, 0.1, 0.5, 0.7, 0.95, 0.999]) {
      const values = Float32Array.from({ length: 300 }, () => scale * random.normal())
      const max = Math.max(...values)
      const weights = Array.from(values, x => Math.exp(x - max))
      const total = weights.reduce((sum, x) => sum + x, 0)
      const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b)
      const kept: number[] = []
      let mass = 0
      for (const id of order) {
        kept.push(id)
        mass += weights[id]!
        if (mass >= topP * total) break
      }
      const found = distribution(values, [], { ...neutral, topP })
      expect([...found.ids]).toEqual(kept.sort((a, b) => a - b))
      const sum = found.probabilities.reduce((all, p) => all + p, 0)
      expect(sum).toBeCloseTo(1, 12)
    }
})

test('logits that are not numbers are refused', () => {
  expect(() => distribution(Float32Array.of(Number.NaN, Number.NaN), [], neutral)).toThrow(
    'the logits are not finite numbers',
  )
})
