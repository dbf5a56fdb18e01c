// What a careful reader of the raw numbers says where noise is not known, runs failed, a control is as good, or nothing is needed.
import { expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { answered, baseline, curve } from './answered'
import { sweep } from './fixtures'
import { type Case, control, expectSaid, failed, lost } from './reviewed'

const none = baseline('none', 0)
const bare = (runs: readonly AnalysedRun[]): AnalysedRun[] =>
  runs.map(run => ({ ...run, heldOut: {} }))
const never = curve({ 1: [0, 0], 4: [0, 0], 16: [0, 0] })
const good = curve({ 1: [2, 3], 4: [60, 62], 16: [63, 63] })

const cases: readonly Case[] = [
  [
    'one failed, one under way',
    [none, ...good, failed(32), lost(answered({ tokens: 64 }, 60))],
    [/^Elicited \| .* \| preliminary, 7 of 9/],
  ],
  [
    'trained, but its criterion is not measured',
    sweep({ over: { experiment: 'custom' }, none: 4, losses: { 4: 2 } }),
    [
      /^Undecided \| a soft prompt is trained, but its Exact match is not measured: a run with samples for metrics has it/,
    ],
  ],
  [
    'its control reaches what it does not',
    [none, ...curve({ 1: [2, 3], 4: [10, 12] }), control],
    [
      /^Not elicited \| more than 4 tokens.* \| uncertain: 0\.94 .* with its control \(4 tokens\), .* reaches the target: the prompts trained worse/,
    ],
  ],
  [
    'its control reaches what is within the noise',
    [none, ...curve({ 1: [2, 3], 4: [29, 30] }), control],
    [/^Undecided \| the target lies within the noise .* \| uncertain: 0\.94 .* with its control/],
  ],
  [
    'a target of 0',
    [none, ...never],
    [/^There without a prompt \| no token is needed/],
    { target: 0 },
  ],
  [
    'two seeds that agree exactly, nothing held out',
    [none, ...bare(curve({ 1: [2, 2], 4: [60, 60] }))],
    [/^Undecided \| the seeds agree exactly and there are no held-out units: the noise is unknown/],
  ],
  [
    'two seeds that agree exactly, with held-out units',
    [none, ...curve({ 1: [2, 2], 4: [60, 60] })],
    [/^Elicited \| .*more than 1, at most 4/],
  ],
]

test.each(cases.map(of => ({ name: of[0], of })))('$name', ({ of }) => expectSaid(of))

test.each([{ kind: 'share', share: 0.9 } as const, { kind: 'absolute', value: 1 } as const])(
  'what is there without a prompt gets no number, whatever threshold its loss is read at: %j',
  threshold => {
    const options = { includePublished: false, draws: 500, threshold }
    const there = analyse([baseline('none', 60), ...good], options)
    const nothing = analyse([none, ...never], { ...options, target: 0 })
    for (const { curves, answer } of [there, nothing]) {
      expect(curves.map(c => c.needed.kind)).toEqual(['unknown'])
      expect(answer.join(' ')).not.toMatch(/needs \d/)
    }
  },
)

test('an interval is never of width 0 for want of noise', () => {
  const runs = [none, ...bare(curve({ 1: [2, 2], 4: [60, 60], 16: [0, 0] }))]
  const { curves, elicited } = analyse(runs, { includePublished: false, draws: 500 })
  const points = [...curves.flatMap(c => c.points), ...elicited.flatMap(e => e.trained)]
  expect(points.map(p => p.interval)).toEqual(points.map(() => null))
})

test.each([2, 1.01, -0.5, Number.NaN])('a share of %d is no target', target => {
  const options = { includePublished: false, draws: 100, target }
  expect(() => analyse([none, ...good], options)).toThrow(/the target|number/)
})
