// Sets of runs that are not as one would plan them: few held-out units, unlike seeds, values that are missing, data that changed.
import { expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { answered, baseline, curve } from './answered'
import { type Case, expectSaid, failed, lost } from './reviewed'

const none = baseline('none', 0)

/** Of so few held-out units. */
const few = (over: Partial<AnalysedRun>, right: number, n: number): AnalysedRun => {
  const whole = answered(over, 0)
  const sums = Array.from({ length: n }, (_, i) => Number(i < right))
  const share = { unit: 'document' as const, set: 'few', sums, counts: sums.map(() => 1) }
  return {
    ...whole,
    metrics: { ...whole.metrics, 'Exact match': right / n },
    heldOut: { 'Exact match': share },
  }
}
const fewCurve = (n: number, rights: Readonly<Record<number, readonly number[]>>): AnalysedRun[] =>
  Object.entries(rights).flatMap(([tokens, seeds]) =>
    seeds.map((right, seed) => few({ tokens: Number(tokens), seed }, right, n)),
  )
const withoutValue = (run: AnalysedRun): AnalysedRun => ({
  ...run,
  ...{ metrics: { ...run.metrics, 'Exact match': Number.NaN }, heldOut: {} },
})
const of = (runs: readonly AnalysedRun[], model: string): AnalysedRun[] =>
  runs.map(run => ({ ...run, id: `${run.id} ${model}`, model }))
const on = (runs: readonly AnalysedRun[], fingerprint: string): AnalysedRun[] =>
  runs.map(run => ({
    ...run,
    id: `${run.id} ${fingerprint}`,
    provenance: { dataset: { fingerprint } },
  }))
const queued: AnalysedRun = { ...lost(answered({ tokens: 4, id: 'again' }, 0)), state: 'queued' }

const cases: readonly Case[] = [
  [
    'on the target at every length',
    [none, ...curve({ 4: [30, 33], 16: [31, 34] })],
    [
      /^Elicited \| reached with 16 tokens; how many tokens it needs is open \| uncertain: all 5 runs are done, and how many tokens it needs is open$/,
    ],
  ],
  [
    'four units',
    [
      few({ tokens: 0, baseline: 'none', steps: 0 }, 0, 4),
      ...fewCurve(4, { 1: [1, 1], 4: [3, 4] }),
    ],
    [/^(Elicited|Undecided) \| .*(open|not surely)/],
  ],
  [
    'one seed at some lengths, three at others',
    [none, ...curve({ 1: [2], 4: [20, 40, 36], 16: [63] })],
    [/^Elicited \| .*more than 1, at most 16 tokens/],
  ],
  [
    'a length without a value',
    [none, ...curve({ 1: [2, 3], 16: [60, 62] }), ...curve({ 4: [1, 1] }).map(withoutValue)],
    [/^Elicited \| .*more than 1, at most 16 tokens/],
  ],
  [
    'the target exactly met',
    [none, ...curve({ 1: [2, 3], 4: [32, 32], 16: [32, 32] })],
    [/^Elicited \| reached with 4 tokens; needs more than 1 token/],
  ],
  [
    'two models',
    [
      ...of([none, ...curve({ 1: [2, 3], 4: [60, 62] })], 'org/a'),
      ...of([none, ...curve({ 1: [2, 3], 4: [5, 6], 16: [60, 61] })], 'org/b'),
    ],
    [/^Elicited \| .*more than 1, at most 4 tokens/, /^Elicited \| .*more than 4, at most 16/],
  ],
  [
    'data that changed between the runs',
    [...on([none, ...curve({ 1: [2, 3] })], 'A'), ...on(curve({ 4: [60, 62] }), 'B')],
    [/^Elicited \| .* \| uncertain: its data are not what \S+ A was tested on/],
  ],
  [
    'a failed run that is queued again',
    [none, ...curve({ 1: [2, 3] }), failed(4), queued],
    [/^Not elicited \| .* \| preliminary, 3 of 4 runs are done$/],
  ],
]

test.each(cases.map(one => ({ name: one[0], one })))('$name', ({ one }) => expectSaid(one))

test('what is queued is called queued', () => {
  const why = (axis: 'tokens' | 'numbers') =>
    analyse([none, ...curve({ 1: [2, 3] }), { ...queued, parameters: null }], {
      ...{ includePublished: false, draws: 0, axis },
    }).skipped
  expect(why('tokens')).toEqual([
    { run: 'again', reason: 'the run is queued: it has no Final Test Loss Average yet' },
  ])
  expect(why('numbers')).toEqual([
    { run: 'again', reason: 'the run is queued: how many numbers it trains is not known yet' },
  ])
})
