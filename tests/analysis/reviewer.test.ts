// Cases that a reader of the raw numbers could make up: card, sentence, matrix, terminal and report say what the numbers say.
import { expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { answered, baseline, curve } from './answered'
import { sweep } from './fixtures'
import { type Case, control, expectSaid, failed, lost } from './reviewed'

const none = baseline('none', 0)
const start = baseline('start-token', 1)
const rate = { 'optimizer.learningRate': '0.001' }
const text: AnalysedRun = {
  ...answered({ tokens: 3, steps: 0, id: 'text', baseline: 'text-prompt' }, 63),
  settings: { ...rate, 'prompt.init.text': 'do it' },
}
const adapter: AnalysedRun = {
  ...answered({ tokens: 8, steps: 0, id: 'adapter', baseline: 'imported-prompt' }, 62),
  settings: { ...rate, 'prompt.init.path': '/x' },
}
const subspace = (dimensions: number, right: number): AnalysedRun => ({
  ...answered(
    {
      tokens: 4,
      id: `d${dimensions}`,
      spec: { prompt: { type: 'subspace', tokens: 4, dimensions } },
    },
    right,
  ),
  settings: { ...rate, 'prompt.type': 'subspace', 'prompt.dimensions': String(dimensions) },
})
const faster = (runs: readonly AnalysedRun[]): AnalysedRun[] =>
  runs.map(run => ({ ...run, id: `${run.id}-fast`, settings: { 'optimizer.learningRate': '0.1' } }))
const losses = (byTokens: Record<number, number>, noise = 0.01) =>
  sweep({ none: 4, losses: byTokens, noise })
const never = curve({ 1: [0, 0], 4: [0, 0], 16: [0, 0] })
const good = curve({ 1: [2, 3], 4: [60, 62], 16: [63, 63] })

/** Each card as "verdict | tokens | state". */
const cases: readonly Case[] = [
  [
    'elicited',
    [none, start, ...good],
    [/^Elicited \| .*more than 1, at most 4 tokens \| converged/],
  ],
  ['never right', [none, start, ...never], [/^Not elicited \| more than 16 tokens, if at all/]],
  ['never right, no baseline', never, [/^Not elicited \| more than 16 tokens/]],
  [
    'never right, in numbers',
    [none, ...never],
    [/^Not elicited \| more than 1024 trained numbers/],
    { axis: 'numbers' },
  ],
  [
    'never right in one way of two',
    [none, ...never, ...faster(good)],
    [/^Elicited \|/, /^Not elicited \|/],
  ],
  [
    'one length, there',
    [none, ...curve({ 4: [60, 62] })],
    [/^Elicited \| .*; needs at most 4 tokens/],
  ],
  ['one length, below', [none, ...curve({ 4: [6, 2] })], [/^Not elicited \| more than 4 tokens/]],
  ['one seed', [none, ...curve({ 1: [2], 4: [60] })], [/^Elicited \| .*more than 1, at most 4/]],
  [
    'uneven seeds',
    [none, ...curve({ 1: [2], 4: [60, 62, 58, 61], 16: [63] })],
    [/^Elicited \| .*more than 1, at most 4/],
  ],
  [
    'censored below',
    [none, ...curve({ 1: [60, 61], 4: [62, 62] })],
    [/^Elicited \| .*needs at most 1 token/],
  ],
  [
    'censored above',
    [none, ...curve({ 1: [2, 3], 4: [10, 9], 16: [20, 18] })],
    [/^Not elicited \| more than 16 tokens/],
  ],
  [
    'there without a prompt',
    [baseline('none', 60), ...good],
    [/^There without a prompt \| no token is needed/],
  ],
  [
    'there behind the start token',
    [none, baseline('start-token', 60), ...good],
    [/^There without a prompt \|/],
  ],
  [
    'perhaps there without one',
    [baseline('none', 34), ...good],
    [/^Undecided \| .*within the noise/],
  ],
  [
    'there, then lost',
    [none, ...curve({ 1: [2, 3], 4: [60, 62], 16: [5, 6] })],
    [/^Elicited \| .*at most 4 tokens \| uncertain: 16 tokens surely ended worse/],
  ],
  [
    'there, lost, there',
    [none, ...curve({ 1: [60, 61], 4: [3, 2], 16: [62, 63] })],
    [/^Elicited \| .*at most 1 token \| uncertain: 4 tokens surely ended worse/],
  ],
  [
    'two seeds disagree',
    [none, ...curve({ 1: [0, 0], 4: [0, 64] })],
    [/^Undecided \| .*not surely above chance/],
  ],
  [
    'a length whose run failed',
    [none, ...curve({ 1: [2, 3], 16: [60, 62] }), failed(4)],
    [/^Elicited \| .*more than 1, at most 16 tokens \| uncertain: 1 run failed \(disk full\)$/],
  ],
  [
    'a failed run that another took the place of',
    [none, failed(1), failed(4), ...curve({ 1: [2, 3], 4: [60, 62] })],
    [/^Elicited \| .*more than 1, at most 4 tokens \| converged, all 5 runs are done$/],
  ],
  [
    'a run that failed before its first step, then another with other settings',
    [none, ...faster([{ ...failed(4), steps: 0 }]), ...curve({ 1: [2, 3], 4: [60, 62] })],
    [/^Elicited \| .*more than 1, at most 4 tokens \| converged, all 5 runs are done$/],
  ],
  [
    'a run that failed on its way, then another with other settings',
    [none, ...faster([{ ...failed(4), steps: 7 }]), ...curve({ 1: [2, 3], 4: [60, 62] })],
    [/1 run failed \(disk full\)/],
  ],
  [
    'steep, with few seeds, as a search leaves it',
    [none, start, ...curve({ 4: [0], 16: [2], 32: [13, 32], 45: [26, 29], 64: [51] })],
    [/^Elicited \| .*needs more than 16 tokens \|/],
  ],
  [
    'only a failed run',
    [none, failed(4)],
    [/^Undecided \| no soft prompt is trained .* \| uncertain: 1 run failed \(disk full\)$/],
  ],
  ['no baselines', curve({ 1: [2, 3], 4: [60, 62] }), [/^Elicited \| .*more than 1, at most 4/]],
  ['baselines alone', [none, start], []],
  [
    'a higher target',
    [none, ...curve({ 1: [2, 3], 4: [46, 48], 16: [63, 64] })],
    [/^Elicited \| reached with 16 .*more than 4, at most 16/],
    { target: 0.9 },
  ],
  [
    'a target out of reach',
    [none, ...curve({ 1: [2, 3], 4: [40, 42] })],
    [/^Not elicited/],
    { target: 1 },
  ],
  [
    'an adapter alone',
    [none, adapter],
    [/^Undecided \| no soft prompt is trained .*; 0\.97 .*with the imported prompt \(8 tokens\)/],
  ],
  [
    'a text alone',
    [none, text],
    [/^Undecided \| no soft prompt is trained .*; 0\.98 .*with the text prompt \(3 tokens\)/],
  ],
  [
    'a better adapter',
    [none, ...curve({ 1: [2, 3], 4: [10, 12] }), adapter],
    [/^Not elicited \| more than 4 tokens/],
  ],
  [
    'a better text',
    [none, ...curve({ 1: [2, 3], 4: [10, 12] }), text],
    [/^Not elicited \| more than 4 tokens/],
  ],
  [
    'its control is as good',
    [none, ...good, control],
    [/^Undecided \| .*the prompt itself taught it/],
  ],
  [
    'subspaces beside lengths',
    [none, ...curve({ 1: [2, 3], 4: [60, 62] }), subspace(8, 5), subspace(32, 61)],
    [
      /^Elicited \| .*more than 64, at most 256 trained/,
      /^Elicited \| .*more than 8, at most 32 trained/,
    ],
    { axis: 'numbers' },
  ],
  [
    'a run that is not measured yet',
    [none, ...curve({ 1: [2, 3] }), lost(answered({ tokens: 4 }, 60))],
    [/^Not elicited \| more than 1 token, .*preliminary, 3 of 4/],
  ],
  [
    'a trivial gain',
    losses({ 1: 3.9995, 4: 3.9993, 16: 3.999 }, 1e-4),
    [/^A gain, in bits \| 0\.001\d .*bits a token/],
  ],
  ['less is better, and it is more', losses({ 1: 5, 4: 4.5 }), [/^No gain seen \| −0\.7/]],
  ['no gain', losses({ 1: 4.01, 4: 4, 16: 4.02 }), [/^No gain seen \|/]],
  ['still falling', losses({ 1: 3.8, 4: 3.2, 16: 2.4 }), [/^A gain, in bits \| 2\.29/]],
  ['a gain over nothing', sweep({ losses: { 1: 3, 4: 2 } }), [/^No gain measured yet \|/]],
]

test.each(cases.map(of => ({ name: of[0], of })))('$name', ({ of }) => expectSaid(of))

test.each([{ kind: 'share', share: 0.9 } as const, { kind: 'absolute', value: 1 } as const])(
  'what was never right gets no number of tokens beside a way that is: %j',
  threshold => {
    const runs = [none, ...never, ...faster(good)]
    const { curves, matrix } = analyse(runs, { includePublished: false, draws: 500, threshold })
    const kinds = (label: RegExp) => curves.flatMap(c => (label.test(c.label) ? c.needed.kind : []))
    expect(kinds(/0\.001/)).toEqual(['unknown'])
    expect(kinds(/0\.1/)).not.toEqual(['unknown'])
    expect(matrix.cells.map(c => c.needed.kind === 'unknown').sort()).toEqual([false, true])
  },
)

test('ways of training that differ in blanks are told apart by them', () => {
  const joinedBy = (separator: string, runs: readonly AnalysedRun[]): AnalysedRun[] =>
    runs.map(run => ({
      ...{ ...run, id: `${run.id} ${JSON.stringify(separator)}` },
      settings: { 'experiment.separator': separator },
    }))
  const runs = [none, ...joinedBy('', never), ...joinedBy(' ', good)]
  const { elicited } = analyse(runs, { includePublished: false, draws: 100 })
  expect(elicited.map(({ label }) => label)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('separator ""'),
      expect.stringContaining('separator " "'),
    ]),
  )
})
