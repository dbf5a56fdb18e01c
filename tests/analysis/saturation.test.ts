// Where more tokens stop helping, with scripted noise; and how two answers stand to each other, end by end.
import { describe, expect, test } from 'vitest'
import type { PreparedPoint } from '../../src-worker/analysis/prepare'
import { saturationOf, stillFalls } from '../../src-worker/analysis/saturation'
import {
  compareAnswers,
  nearestFirst,
  placeOf,
  shadesOf,
} from '../../src-worker/contract/answer-order'

/** Draws −1 … 1, evenly, times the noise; the same for all points, or each its own way round. */
const evenly = Array.from({ length: 401 }, (_, i) => (i - 200) / 200)
function point(tokens: number, cost: number, noise: number | null, turned = false): PreparedPoint {
  const around = turned ? [...evenly].reverse() : evenly
  const draws = noise === null ? null : { values: Float64Array.from(around, x => cost + noise * x) }
  return { tokens, cost, costs: [cost], draws } as unknown as PreparedPoint
}
const plain = (gain: number): number => gain

describe('saturation', () => {
  test('the shortest that no longer one surely beats, against all longer ones', () => {
    // differences of points turned against each other have twice the noise: ±0.06, of which 95 % lie within ±0.057
    const points = [
      point(1, 3, 0.03),
      point(4, 2.14, 0.03, true),
      point(16, 2.12, 0.03),
      point(64, 2.1, 0.03),
    ]
    const found = saturationOf(points, plain)
    expect(found).toMatchObject({ kind: 'saturated', tokens: 4 })
    expect(found).toMatchObject({
      reason: expect.stringContaining('gains 0.040 (95 %: -0.017 to 0.097)'),
    })
  })

  test('a gain that is surely above 0 by a hair is a gain; less of it is not yet known', () => {
    const points = [point(1, 2.48, 0.25), point(4, 2, 0.25, true)]
    expect(saturationOf(points, plain)).toMatchObject({ kind: 'still-improving', tokens: 4 })
    const less = [point(1, 2.47, 0.25), point(4, 2, 0.25, true)]
    expect(saturationOf(less, plain)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('too noisy: no longer prompt is surely better'),
    })
  })

  test('a level curve is saturated from its first length, noisy or not', () => {
    const level = [point(1, 2.01, 0.25), point(4, 2, 0.25, true), point(16, 2.02, 0.25)]
    expect(saturationOf(level, plain)).toMatchObject({ kind: 'saturated', tokens: 1 })
  })

  test.each([
    // of a cost of 2: 1 % of it
    [2, 1.981, 'saturated'],
    [2, 1.979, 'unknown'],
  ])('from %d to %d, with noise beyond it: %s', (first, second, kind) => {
    const points = [point(1, first, 0.25), point(4, second, 0.25, true)]
    expect(saturationOf(points, plain).kind).toBe(kind)
  })

  test.each([
    // of a fall of 1: 5 % of it
    [2.04, 'saturated'],
    [2.06, 'unknown'],
  ])('from 3 through %d to 2, with noise beyond the last step: %s', (middle, kind) => {
    const points = [point(1, 3, 0.1), point(4, middle, 0.1, true), point(16, 2, 0.1)]
    expect(saturationOf(points, plain).kind).toBe(kind)
  })

  test('noise that both share takes nothing from a gain', () => {
    const points = [point(1, 2.1, 0.25), point(4, 2, 0.25)]
    expect(saturationOf(points, plain)).toMatchObject({ kind: 'still-improving' })
  })

  test('the gain is told in the unit asked for', () => {
    const points = [point(1, 3, 0.01), point(4, 2, 0.01)]
    const bits = saturationOf(points, gain => gain / Math.LN2)
    expect(bits).toMatchObject({
      reason: 'the longest, 4, still gains 1.4 over 1 (95 %: 1.4 to 1.4)',
    })
  })

  test('no noise known, or one length: unknown', () => {
    expect(saturationOf([point(1, 3, null), point(4, 2, null)], plain)).toMatchObject({
      kind: 'unknown',
    })
    expect(saturationOf([point(1, 3, 0.1)], plain)).toMatchObject({
      kind: 'unknown',
      reason: 'fewer than two lengths',
    })
  })

  test('without known noise the last step tells whether the curve still falls', () => {
    const unknown = { kind: 'unknown', reason: '' } as const
    // 5 % of the whole fall of 1
    const falls = [point(1, 3, null), point(4, 2.06, null), point(16, 2, null)]
    expect(stillFalls(unknown, falls)).toContain('still falls at 16')
    const surely = { kind: 'still-improving', tokens: 16, reason: '' } as const
    expect(stillFalls(surely, [point(1, 3, 1), point(4, 2.01, 1), point(16, 2, 1)])).toContain('16')
    const level = [point(1, 3, null), point(4, 2.04, null), point(16, 2, null)]
    expect(stillFalls(unknown, level)).toBeUndefined()
    // a repetition that is all but perfect: 0.0002 nats of 19, however sure, move no level
    const perfect = [point(1, 1.811, 0), point(4, 0.0004, 0), point(64, 0.0002, 0)]
    expect(stillFalls(surely, perfect)).toBeUndefined()
    expect(stillFalls({ kind: 'saturated', tokens: 4, reason: '' }, falls)).toBeUndefined()
  })
})

describe('answers', () => {
  const at = (tokens: number) => ({ kind: 'reached', tokens }) as const
  const upTo = (tokens: number) => ({ kind: 'reached-by-first', tokens }) as const
  const beyond = (tokens: number) => ({ kind: 'not-reached', tokens }) as const
  const none = { kind: 'unknown' } as const

  test.each([
    [at(3), at(4), 'nearer'],
    [at(4), at(4), 'same'],
    [at(4), upTo(4), 'not comparable'],
    // ≤ 4 is not 4: it may be 2
    [at(3), upTo(4), 'not comparable'],
    [upTo(4), at(5), 'nearer'],
    [upTo(4), upTo(8), 'not comparable'],
    [upTo(4), upTo(4), 'same'],
    [at(64), beyond(64), 'nearer'],
    [at(65), beyond(64), 'not comparable'],
    [upTo(4), beyond(4), 'nearer'],
    [beyond(64), beyond(16), 'not comparable'],
    [upTo(0), at(1), 'nearer'],
    [at(0.5), upTo(4), 'not comparable'],
    [upTo(0), upTo(4), 'nearer'],
    [upTo(0), upTo(0), 'same'],
    [none, at(1), 'not comparable'],
    [none, none, 'not comparable'],
  ] as const)('%o and %o: %s', (a, b, order) => {
    expect(compareAnswers(a, b)).toBe(order)
    const turned = { nearer: 'farther', farther: 'nearer' } as Record<string, string>
    expect(compareAnswers(b, a)).toBe(turned[order] ?? order)
  })

  test('places and shades', () => {
    expect([at(8), upTo(4), beyond(64), none].map(placeOf)).toEqual([3, 2, 7, null])
    expect([none, beyond(4), at(4), upTo(2)].sort(nearestFirst)).toEqual([
      upTo(2),
      at(4),
      beyond(4),
      none,
    ])
    expect(shadesOf([at(1), at(4), at(16), none])).toEqual([0, 0.5, 1, null])
    // no token at all stands one doubling below one token
    expect(shadesOf([upTo(0), at(1), at(2)])).toEqual([0, 0.5, 1])
  })
})
