// The plain sentences: a person who sees only them can say which behaviour is nearer, and whether that is sure.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { apart, gainIsOpen } from '../../src-worker/analysis/verdict'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { tags } from '../../src-worker/contract/metrics'
import type { Bound, TokensNeeded } from '../../src-worker/contract/needed'
import { run, type Sweep, sweep } from './fixtures'

const at = (tokens: number): Bound => ({ kind: 'at', tokens })
const reached = (tokens: number, low: Bound, high: Bound): TokensNeeded => ({
  kind: 'reached',
  tokens,
  parameters: null,
  interval: { low, high },
})

test.each([
  { near: reached(2, at(1.5), at(3)), far: reached(8, at(5), at(12)), verdict: 'sure' },
  { near: reached(2, at(1.5), at(6)), far: reached(8, at(5), at(12)), verdict: 'open' },
  {
    near: reached(2, { kind: 'by', tokens: 1 }, at(3)),
    far: {
      kind: 'not-reached',
      tokens: 64,
      interval: { low: at(40), high: { kind: 'beyond', tokens: 64 } },
    },
    verdict: 'sure',
  },
  {
    near: reached(2, at(1), { kind: 'beyond', tokens: 64 }),
    far: reached(8, at(5), at(12)),
    verdict: 'open',
  },
  {
    near: { kind: 'reached-by-first', tokens: 1, interval: null },
    far: reached(8, at(5), at(12)),
    verdict: 'unknown',
  },
] as const)('$near.kind and $far.kind: $verdict', ({ near, far, verdict }) => {
  expect(apart(near, far)).toBe(verdict)
})

describe('sentences', () => {
  const behaviour = (experiment: string, model: string, rest: Omit<Sweep, 'over'>): AnalysedRun[] =>
    sweep({ over: { experiment, model, dataset: '' }, noise: 0.03, ...rest })
  const near = { none: 4, losses: { 1: 2.1, 4: 2, 16: 2 } }
  const far = { none: 4, losses: { 1: 3.9, 4: 3, 16: 2 } }
  // behaviours are ranked by one threshold only, not by shares of their own gaps
  const answer = (runs: readonly AnalysedRun[], value = 2.2): string[] =>
    analyse(runs, { draws: 400, threshold: { kind: 'absolute', value } }).answer
  const shares = (runs: readonly AnalysedRun[]): string[] =>
    analyse(runs, { draws: 400, threshold: { kind: 'share', share: 0.9 } }).answer

  test('two behaviours of one model', () => {
    expect(answer([...behaviour('chess', 'm', far), ...behaviour('custom', 'm', near)])).toEqual([
      'm: custom is nearer, it needs 1 token or less (95 %: ≤ 1 – 4); chess is farther, it needs 12 tokens (95 %: 4 – 16). The difference is larger than the noise.',
    ])
    expect(shares([...behaviour('chess', 'm', far), ...behaviour('custom', 'm', near)])).toEqual([
      expect.stringMatching(
        /^m: chess needs more than 4 tokens: the curve still falls at 16, the most that was tried; custom needs /,
      ),
      'Each behaviour is read as a share of its own gap, so these numbers do not say which behaviour is nearer.',
    ])
  })

  test('a stray run that gives no number does not keep the behaviours of a model apart', () => {
    const long = { settings: { 'training.length': '96' } }
    const of = (experiment: string, rest: Omit<Sweep, 'over'>) =>
      sweep({ over: { experiment, model: 'm', dataset: '', ...long }, noise: 0.03, ...rest })
    const stray = run({
      ...{ experiment: 'chess', model: 'm', dataset: '', tokens: 4, id: 'stray', loss: 3.5 },
      settings: { 'training.length': '64' },
    })
    const words = shares([...of('chess', far), stray, ...of('custom', near)])
    expect(words[0]).toMatch(/^m: chess needs .*; custom needs /)
  })

  test('two models: first what holds for most of them', () => {
    const runs = ['m', 'n'].flatMap(m => [
      ...behaviour('chess', m, far),
      ...behaviour('custom', m, near),
    ])
    expect(answer(runs)[0]).toBe(
      'Nearest is custom, for 2 of 2 models. Farthest is chess, for 2 of 2 models.',
    )
  })

  test('equally near', () => {
    expect(
      answer([...behaviour('chess', 'm', near), ...behaviour('custom', 'm', near)], 3),
    ).toEqual(['m: chess and custom are equally near, each needs 1 token or less.'])
  })

  test('a gain that noise alone could make is not ranked', () => {
    const flat = { none: 2.001, losses: { 1: 2, 4: 1.999, 16: 1.998 }, noise: 0.02 }
    expect(shares([...behaviour('chess', 'm', far), ...behaviour('custom', 'm', flat)])[0]).toMatch(
      /^m: chess needs more than 4 tokens: .*that was tried\. For custom no soft prompt is surely better than none\.$/,
    )
  })

  test('how much is needed may be open where one length is surely better than none', () => {
    const open = { kind: 'by', tokens: 0 } as const
    const interval = { low: open, high: { kind: 'beyond', tokens: 64 } } as const
    const of = (low: number) =>
      gainIsOpen({
        needed: { kind: 'more-than', tokens: 0, reason: 'it still falls', interval },
        points: [{ gain: { value: 0.35, interval: { low, high: 0.38 } } }],
      } as never)
    expect([of(0.32), of(-0.01)]).toEqual([false, true])
  })

  test('no prompt does better than any: that is no nearness', () => {
    const failed = behaviour('chess', 'm', { none: 1, losses: { 1: 2, 4: 1.5 } })
    expect(shares(failed)).toEqual(['m: For chess no soft prompt is surely better than none.'])
    expect(shares([...failed, ...behaviour('custom', 'm', near)])[0]).toMatch(
      /^m: custom needs .*For chess no soft prompt is surely better than none\.$/,
    )
  })

  test('the start token alone is the better baseline: the sentence names it', () => {
    const runs = behaviour('chess', 'm', { none: 4, startToken: 1, losses: { 1: 2, 4: 1.5 } })
    expect(shares(runs)).toEqual([
      'm: For chess no soft prompt is surely better than the start token alone.',
    ])
  })

  test('a longer prompt whose training failed does not make a behaviour look nearer', () => {
    const losses = { 1: 3.5, 4: 3, 16: 2, 32: 2 }
    const good = analyse(behaviour('chess', 'm', { none: 4, losses }), { draws: 400 }).curves[0]
    const bad = analyse(behaviour('chess', 'm', { none: 4, losses: { ...losses, 64: 3.2 } }), {
      draws: 400,
    }).curves[0]
    if (good?.needed.kind !== 'reached' || bad?.needed.kind !== 'reached') throw new Error('open')
    expect(bad.needed.tokens).toBeCloseTo(good.needed.tokens, 0)
    expect(bad.threshold).toBeCloseTo(good.threshold ?? 0, 1)
  })

  test('who shares an end, and who might as well stand there', () => {
    const [three] = answer([
      ...behaviour('chess', 'm', far),
      ...behaviour('custom', 'm', near),
      ...behaviour('autoregressive', 'm', near),
    ])
    expect(three).toMatch(
      /^m: custom and autoregressive are nearest, each needs 1 token or less; chess is farthest, /,
    )
    const loose = { none: 4, noise: 0.15, losses: { 1: 3.9, 4: 2.95, 16: 2 } }
    const [open] = answer([
      ...behaviour('chess', 'm', { ...far, noise: 0.001 }),
      ...behaviour('custom', 'm', { ...near, noise: 0.001 }),
      ...behaviour('autoregressive', 'm', loose),
    ])
    expect(open).toMatch(/Not surely nearer than (autoregressive: chess|chess: autoregressive)\.$/)
  })

  test('one seed: the noise of training is not in the verdict', () => {
    const documents = (experiment: string, rest: Omit<Sweep, 'over'>): AnalysedRun[] =>
      behaviour(experiment, 'm', { ...rest, seeds: 1, noise: 0 }).map(r => ({
        ...r,
        heldOut: {
          [tags.finalTestLoss]: {
            unit: 'document',
            set: 'same',
            counts: Array.from({ length: 40 }, () => 1),
            sums: Array.from(
              { length: 40 },
              (_, i) => (r.metrics[tags.finalTestLoss] ?? 0) + Math.sin(i),
            ),
          },
        },
      }))
    expect(answer([...documents('chess', far), ...documents('custom', near)], 2.5)[0]).toMatch(
      /The difference is larger than the noise of the test; with one seed, that of training is not known\.$/,
    )
  })
})
