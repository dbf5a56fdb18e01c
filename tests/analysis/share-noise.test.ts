// The noise of a share's seeds, by hand: standardised by √(p(1−p)), pooled, and never more than that.
import { expect, test } from 'vitest'
import { curveDraws } from '../../src-worker/analysis/draws'
import { metricOf } from '../../src-worker/analysis/metric'
import { variance } from '../../src-worker/analysis/numbers'
import { type SampledPoint, seedNoise } from '../../src-worker/analysis/seed-noise'

const point = (...right: readonly number[]): SampledPoint => ({
  ...{ kind: 'trained', isShare: true },
  seeds: right.map(value => ({ value: -value, heldOut: undefined })),
})

test('two lengths, two seeds each', () => {
  // drawn in by one right and one wrong: (0.2 + 0.4 + 1)/4 = 0.4, scale √0.24; (0.9 + 1 + 1)/4 = 0.725, scale √0.199375
  const [first, second] = seedNoise([point(0.2, 0.4), point(0.9, 1)])
  expect(first?.scale).toBeCloseTo(Math.sqrt(0.24), 12)
  expect(second?.scale).toBeCloseTo(Math.sqrt(0.199375), 12)
  // sums of squares 0.02/0.24 and 0.005/0.199375, over two degrees of freedom
  const pooled = Math.sqrt((0.02 / 0.24 + 0.005 / 0.199375) / 2)
  expect(first?.deviation).toBeCloseTo(pooled, 12)
  expect(second).toMatchObject({ freedom: 2 })
  expect(second?.deviation).toBeCloseTo(pooled, 12)
})

test('of 98 units that are never right, seeds deviate by a tenth at the most', () => {
  const never = {
    value: 0,
    heldOut: {
      ...{ unit: 'document' as const, set: 's', sums: new Array(98).fill(0) },
      counts: new Array(98).fill(1),
    },
  }
  // (0 + 1)/(98 + 2): √(0.01 · 0.99)
  const noise = seedNoise([point(0, 1), { kind: 'trained', isShare: true, seeds: [never] }])
  expect(noise[1]?.scale).toBeCloseTo(0.0994987, 6)
  // with two seeds that are all or nothing, the draws of one more have no more than everything
  const values = curveDraws([point(0, 1), point(0.5)], 20_000, 'x')[1]?.values ?? []
  expect(Math.sqrt(variance([...values]))).toBeLessThan(0.5)
  expect(Math.sqrt(variance([...values]))).toBeGreaterThan(0.4)
})

test('losses, and shares beyond 1, have their noise as it is', () => {
  const loss = { ...point(0.2, 0.4), isShare: false }
  expect(seedNoise([loss])[0]).toMatchObject({ scale: 1, freedom: 1 })
  expect(seedNoise([loss])[0]?.deviation).toBeCloseTo(Math.sqrt(0.02), 12)
  expect(seedNoise([point(2, 5)])[0]).toMatchObject({
    ...{ scale: 1, deviation: Math.sqrt(4.5), most: Number.POSITIVE_INFINITY },
  })
})

test('another program’s score may be any number, its accuracy is a share', () => {
  expect(metricOf('inspect/task/judge/score', 'nats').shown(-7.3)).toBe(7.3)
  expect(metricOf('inspect/task/judge/accuracy', 'nats').shown(-1.02)).toBe(1)
  expect(metricOf('Score of the command', 'nats').shown(-1.02)).toBe(1)
})
