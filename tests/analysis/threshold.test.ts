// Kinds of answers, and their words: censored results are kinds, never numbers.
import { describe, expect, test } from 'vitest'
import { metricOf } from '../../src-worker/analysis/metric'
import { noGap, oneLength, tokensNeeded } from '../../src-worker/analysis/threshold'
import {
  neededIntervalText,
  neededText,
  parseThreshold,
  thresholdArgument,
  thresholdText,
  tokensText,
} from '../../src-worker/contract/analysis-text'
import type { TokensNeeded } from '../../src-worker/contract/needed'

const curve = (baseline?: number, spread = 0) => ({
  tokens: [1, 4, 16],
  points: [3, 2, 1].map(cost => ({
    cost,
    draws:
      spread === 0 ? null : Float64Array.from([-1, -0.5, 0, 0.5, 1].map(d => cost + d * spread)),
  })),
  weights: [1, 1, 1],
  baseline: baseline === undefined ? undefined : { cost: baseline, draws: null },
})

const absolute = (cost: number) => ({ kind: 'absolute' as const, cost })

describe('without noise', () => {
  test.each([
    { cost: 1.5, baseline: 4, text: '8' },
    { cost: 3, baseline: 4, text: '≤ 1' },
    { cost: 5, baseline: 4, text: '0' },
    { cost: 0.5, baseline: 4, text: '> 16' },
    { cost: 2, baseline: undefined, text: '4' },
  ])('threshold $cost, baseline $baseline: $text', ({ cost, baseline, text }) => {
    const { needed, threshold } = tokensNeeded(curve(baseline), absolute(cost))
    expect(neededText(needed)).toBe(text)
    expect(neededIntervalText(needed)).toBe('')
    expect(threshold).toBe(cost)
  })

  test('a share of the gap', () => {
    const half = tokensNeeded(curve(5), { kind: 'share', share: 0.5 })
    expect(half.threshold).toBe(3)
    expect(neededText(half.needed)).toBe('≤ 1')
    const ofBehaviour = tokensNeeded(curve(5), {
      kind: 'share',
      share: 1,
      best: { cost: 0.5, draws: null },
    })
    expect(ofBehaviour.threshold).toBe(0.5)
    expect(neededText(ofBehaviour.needed)).toBe('> 16')
  })

  test('no gap has no share: a behaviour that no prompt was found for is not near', () => {
    const none = tokensNeeded(curve(0.9), { kind: 'share', share: 0.9 })
    expect(none).toEqual({ needed: { kind: 'unknown', reason: noGap }, threshold: null })
    // an absolute threshold that the model reaches by itself does need nothing
    expect(neededText(tokensNeeded(curve(0.9), absolute(1)).needed)).toBe('0')
  })

  test('what cannot be answered says why', () => {
    expect(tokensNeeded(curve(), { kind: 'share', share: 0.9 }).needed).toEqual({
      kind: 'unknown',
      reason: 'no baseline (0 tokens), so there is no gap to take a share of',
    })
    expect(tokensNeeded({ ...curve(4), tokens: [], points: [] }, absolute(1)).needed).toEqual({
      kind: 'unknown',
      reason: 'no trained soft prompt',
    })
  })
})

test('interval ends outside the lengths measured stay censored', () => {
  const read = (cost: number): TokensNeeded => tokensNeeded(curve(9, 0.1), absolute(cost)).needed
  expect(read(2.5)).toMatchObject({
    kind: 'reached',
    interval: { low: { kind: 'at', tokens: 1 }, high: { kind: 'at', tokens: 4 } },
  })
  expect(neededIntervalText(read(2.5))).toBe('1 – 4')
  expect(neededIntervalText(read(2.96))).toBe('≤ 1 – 4')
  expect(neededIntervalText(read(1.04))).toBe('4 – > 16')
  expect(neededIntervalText(read(-1))).toBe('not reached')
  expect(neededIntervalText(read(8))).toBe('≤ 1')
  // the baseline itself has no noise: it is there, or not
  expect(neededIntervalText(read(9))).toBe('0')
})

describe('a share of what is not known yet', () => {
  const share = { kind: 'share', share: 0.9 } as const
  test('a curve that still falls at its longest length gives a lower end', () => {
    const rising = 'the curve still falls at 16, the most that was tried'
    const { needed } = tokensNeeded(curve(5, 0.01), { ...share, rising })
    expect(needed).toEqual({
      kind: 'more-than',
      tokens: 4,
      reason: rising,
      interval: { low: { kind: 'at', tokens: 4 }, high: { kind: 'beyond', tokens: 16 } },
    })
    expect(neededText(needed)).toBe('> 4')
  })
  test('one trained length gives no number', () => {
    const one = { ...curve(5, 0.01), tokens: [4], points: [{ cost: 2, draws: null }], weights: [1] }
    expect(tokensNeeded(one, share).needed).toEqual({ kind: 'unknown', reason: oneLength })
    expect(neededText(tokensNeeded(one, absolute(3)).needed)).toBe('≤ 4')
  })
})

test.each([
  [0.94, '0.94'],
  [3.84, '3.8'],
  [21.4, '21'],
  [409.6, '410'],
  [1024, '1024'],
])('%d tokens are written %s', (tokens, text) => {
  expect(tokensText(tokens)).toBe(text)
})

describe('thresholds as text', () => {
  test.each([
    ['2.75', { kind: 'absolute', value: 2.75, unit: 'nats' }],
    ['3.9 bits', { kind: 'absolute', value: 3.9, unit: 'bits' }],
    ['15perplexity', { kind: 'absolute', value: 15, unit: 'perplexity' }],
    ['90%', { kind: 'share', share: 0.9, of: 'curve' }],
    ['50 % : behaviour', { kind: 'share', share: 0.5, of: 'behaviour' }],
  ] as const)('%s', (text, threshold) => {
    expect(parseThreshold(text)).toEqual(threshold)
    expect(parseThreshold(thresholdArgument(threshold))).toEqual(threshold)
    expect(thresholdText(threshold)).not.toBe('')
  })
  test.each(['', 'near', '0%', '120%', '2.75 furlongs'])('"%s" is refused in words', text => {
    expect(() => parseThreshold(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `the threshold "${text}" is neither a value nor a share of the gap`,
      }),
    )
  })
})

describe('units', () => {
  test.each([
    ['nats', 2, 2],
    ['bits', 2, 2 / Math.LN2],
    ['perplexity', 2, Math.exp(2)],
  ] as const)('2 nats in %s', (unit, nats, shown) => {
    const metric = metricOf('Final Test Loss Average', unit)
    expect(metric.shown(metric.cost(nats))).toBeCloseTo(shown, 12)
    expect(metric.threshold({ kind: 'absolute', value: shown, unit })).toBeCloseTo(nats, 12)
    expect(metric.bits(Math.LN2)).toBeCloseTo(1, 12)
  })
  test('a rate is better when higher and has no unit', () => {
    const metric = metricOf('Legal move rate', 'bits')
    expect(metric.info).toMatchObject({ better: 'higher', unit: 'own', axis: 'Legal move rate' })
    expect(metric.shown(metric.cost(0.8))).toBeCloseTo(0.8, 12)
    expect(metric.cost(0.9)).toBeLessThan(metric.cost(0.8))
    expect(metric.bits(1)).toBeNull()
  })
  test('a perplexity below 0 is refused', () => {
    const metric = metricOf('Loss', 'perplexity')
    expect(() => metric.threshold({ kind: 'absolute', value: -1, unit: 'perplexity' })).toThrow(
      'a perplexity of -1 cannot be reached: the least is 1',
    )
  })
})

test.each([
  ['Legal move rate', 'higher'],
  ['Reached', 'higher'],
  ['Correct unsolvable', 'higher'],
  ['Completion log-probability', 'higher'],
  ['False unsolvable', 'lower'],
  ['Extra moves error', 'lower'],
  // loss with the true Elos minus loss with others
  ['Elo sensitivity', 'lower'],
  ['Final Test Loss Average', 'lower'],
])('of %s, %s is better', (tag, better) => {
  expect(metricOf(tag, 'nats').info.better).toBe(better)
})

test('a share is reported between 0 and 1, whatever the noise; a gain and what is no share as they are', () => {
  const rate = metricOf('Legal move rate', 'nats')
  expect([-1.005, -0.5, 0.02].map(rate.shown)).toEqual([1, 0.5, 0])
  expect(rate.shownGain(1.2)).toBe(1.2)
  expect(metricOf('Completion log-probability', 'nats').shown(3)).toBe(-3)
})
