// The plain sentences: a person who sees only them can tell which behaviour is nearer, and whether that is sure.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { apart } from '../../src-worker/analysis/answer'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import type { Bound, TokensNeeded } from '../../src-worker/contract/analysis'
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
  const answer = (runs: readonly AnalysedRun[], threshold = 0.9): string[] =>
    analyse(runs, { draws: 400, threshold: { kind: 'share', share: threshold } }).answer

  test('two behaviours of one model', () => {
    expect(answer([...behaviour('chess', 'm', far), ...behaviour('custom', 'm', near)])).toEqual([
      expect.stringMatching(
        /^m: custom is nearer, it needs 1 token or less \(95 %: ≤ 1 – 1\.\d\); chess is farther, it needs 12 tokens\. The difference is larger than the noise\.$/,
      ),
      'On chess the longest prompt is still surely better than a shorter one: with longer prompts the best seen, and with it the tokens needed, may grow.',
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
    const words = answer([...of('chess', far), stray, ...of('custom', near)])
    expect(words[0]).toMatch(/^m: custom is nearer, .* chess is farther, /)
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
      answer([...behaviour('chess', 'm', near), ...behaviour('custom', 'm', near)], 0.5),
    ).toEqual(['m: chess and custom are equally near: each needs 1 token or less.'])
  })

  test('a gain that noise alone could make is not ranked', () => {
    const flat = { none: 2.001, losses: { 1: 2, 4: 1.999, 16: 1.998 }, noise: 0.02 }
    expect(answer([...behaviour('chess', 'm', far), ...behaviour('custom', 'm', flat)])[0]).toMatch(
      /^m: chess needs 12 tokens\. For custom no soft prompt is surely better than none\.$/,
    )
  })

  test('no prompt does better than any', () => {
    expect(answer(behaviour('chess', 'm', { none: 1, losses: { 1: 2, 4: 1.5 } }))).toEqual([
      'm: chess needs no soft prompt.',
    ])
  })
})
