// Elicited, or not: what a careful reader of the raw shares would say, before any number of tokens. The same sentence in
// terminal, report and window.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { analysisText } from '../../src-worker/analysis/text'
import { chessTags } from '../../src-worker/behaviours/chess/shares'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { answerCards } from '../../src-worker/contract/answer-card'
import { elicitationText } from '../../src-worker/contract/elicitation'
import { tags } from '../../src-worker/contract/metrics'
import { baseline, curve, units } from './answered'
import { run, sweep } from './fixtures'

/** Boards of which the first `refusable` of 64 cannot be solved; right are those `refused` and `solved` others. */
interface Walked {
  readonly refusable: number
  readonly refused: number
  readonly solved: number
}
function walked(over: Partial<AnalysedRun>, { refusable, refused, solved }: Walked): AnalysedRun {
  const of = (isOne: (board: number) => boolean) => {
    const sums = Array.from({ length: units }, (_, board) => Number(isOne(board)))
    return { unit: 'board' as const, set: 'boards', sums, counts: sums.map(() => 1) }
  }
  const [tag, other] = ['Solved or rightly refused', 'Solved by refusing all boards']
  return run({
    experiment: 'pathfinding',
    ...over,
    metrics: {
      [tag]: (refused + solved) / units,
      [other]: refusable / units,
      [tags.finalTestLoss]: 1,
    },
    heldOut: {
      [tag]: of(i => i < refused || (i >= refusable && i < refusable + solved)),
      [other]: of(i => i < refusable),
    },
  })
}
const walks = (of: Walked): AnalysedRun[] => [
  walked({ tokens: 0, baseline: 'none', steps: 0 }, { ...of, refused: 0, solved: 0 }),
  ...[1, 4].flatMap(tokens => [0, 1].map(seed => walked({ tokens, seed }, of))),
]

interface Row {
  readonly name: string
  readonly runs: readonly AnalysedRun[]
  readonly words: RegExp
}
const table: readonly Row[] = [
  {
    name: 'elicited: shares, baselines and a bracket',
    runs: [
      baseline('none', 0),
      baseline('start-token', 1),
      ...curve({ 1: [2, 3], 4: [60, 62], 16: [63, 63] }),
    ],
    words:
      /^demo, custom: elicited, 0\.95 \(95 %: 0\.\d+ – \S+\) with 4 tokens, beside 0 .*without a prompt and 0\.016 .*with the start token alone \[Exact match, target 0\.5\]; needs more than 1, at most 4 tokens\.$/,
  },
  {
    name: 'exact match 0 everywhere: no number of tokens, though the loss falls',
    runs: [baseline('none', 0), ...curve({ 1: [0, 0], 4: [0, 0], 16: [0, 0] })],
    words:
      /^demo, custom: not elicited by 16 tokens: at best 0 \(95 %: 0 – 0\.0[34]\d\) with \d+ tokens?, beside 0/,
  },
  {
    name: 'the shortest that reaches the target does so by one seed’s luck, a longer one surely',
    runs: [baseline('none', 0), ...curve({ 1: [1, 2], 4: [1, 63], 16: [61, 62, 62, 62, 62, 63] })],
    words: /^demo, custom: elicited, 0\.97 \([^)]*\) with 16 tokens, beside 0/,
  },
  {
    name: 'one seed at every length is said to be one',
    runs: [baseline('none', 0), ...curve({ 1: [2], 4: [62] })],
    words:
      /needs more than 1, at most 4 tokens\. One seed at every length: the noise of training is in none of these intervals\.$/,
  },
  {
    name: 'one seed that never is right: the rule of three',
    runs: [baseline('none', 0), ...curve({ 4: [0] })],
    words:
      /^demo, custom: not elicited by 4 tokens: at best 0 \(95 %: 0 – 0\.0[45]\d*\) with 4 tokens/,
  },
  {
    name: 'there without a prompt',
    runs: [baseline('none', 60), ...curve({ 1: [61, 62], 4: [62, 62] })],
    words: /^demo, custom: there without a prompt: 0\.94 .* without a prompt \[Exact match/,
  },
  {
    name: 'the target within the noise',
    runs: [baseline('none', 0), ...curve({ 1: [3, 2], 4: [29, 30] })],
    words: /^demo, custom: undecided: the target lies within the noise of 4 tokens/,
  },
  {
    name: 'not measured',
    runs: sweep({ over: { experiment: 'custom' }, none: 4, losses: { 1: 3, 4: 2 } }),
    words:
      /^demo, custom: undecided: a soft prompt is trained, but its Exact match is not measured: a run with samples/,
  },
  {
    name: 'one length that reaches it: a bound, no number',
    runs: [baseline('none', 0), ...curve({ 16: [62, 63] })],
    words: /with 16 tokens, beside .*; needs at most 16 tokens\.$/,
  },
  {
    name: 'uneven seeds',
    runs: [baseline('none', 0), ...curve({ 1: [1], 4: [60, 61, 62], 16: [62] })],
    words: /elicited, 0\.95 .* with 4 tokens, .*; needs more than 1, at most 4 tokens\.$/,
  },
  {
    name: 'preliminary while runs are under way',
    runs: [
      baseline('none', 0),
      ...curve({ 1: [1, 1], 4: [60, 62] }),
      run({ experiment: 'custom', tokens: 16, state: 'running', metrics: {} }),
    ],
    words: /^demo, custom: preliminary, 5 of 6 runs: elicited/,
  },
  {
    name: 'to refuse every board is no skill, however many cannot be solved',
    runs: walks({ refusable: 40, refused: 40, solved: 0 }),
    words:
      /^demo, pathfinding: undecided: 0\.63 \(95 %: [^)]*\) with 1 token is not surely above chance \(Solved by refusing all boards: 0\.63\) \[Solved or rightly refused, target 0\.63, chance 0\.63\]/,
  },
  {
    name: 'one board more than refusing all is within the noise',
    runs: walks({ refusable: 40, refused: 40, solved: 1 }),
    words:
      /^demo, pathfinding: undecided: 0\.64 \(95 %: [^)]*\) with 1 token is not surely above chance/,
  },
  {
    name: 'surely above refusing all',
    runs: walks({ refusable: 20, refused: 20, solved: 40 }),
    words: /^demo, pathfinding: elicited, 0\.94 .*target 0\.5, chance 0\.31\]/,
  },
  {
    name: 'chess without a reference',
    runs: sweep({ over: { experiment: 'chess' }, none: 3, losses: { 1: 2, 4: 1 } }),
    words: /^demo, chess: undecided: no reference is named, a run whose match/,
  },
  {
    name: 'no yes or no, and a trivial gain is a small number of bits',
    runs: sweep({ none: 2, losses: { 1: 1.999, 4: 1.997 }, noise: 0.0001 }),
    words:
      /^demo, autoregressive: no yes or no; bits a token gained: 0\.004\d? \(95 %: 0\.004\d? – 0\.004\d?\) with 4 tokens\.$/,
  },
]

test.each([...table])('$name', ({ runs, words }) => {
  const analysis = analyse(runs, { draws: 500, includePublished: false })
  const [first] = analysis.elicited
  if (first === undefined) throw new Error('no answer')
  expect(elicitationText(first)).toMatch(words)
  // the terminal begins with it
  expect(analysisText(analysis).split('\n')[0]).toBe(elicitationText(first))
})

test.each([
  [
    'A gain, in bits',
    { 1: 1.999, 4: 1.997 },
    0.0001,
    /^0\.004\d? \(.*\) bits a token gained with 4 tokens$/,
  ],
  [
    'No gain seen',
    { 1: 2.01, 4: 2.02 },
    0.0001,
    /^−0\.01\d? \(.*\) bits a token gained with 1 token$/,
  ],
  ['No gain seen', { 1: 1.999, 4: 1.9995 }, 0.05, /bits a token gained/],
] as const)('without a target the card says: %s', (verdict, losses, noise, words) => {
  const { elicited } = analyse(sweep({ none: 2, losses, noise }), {
    draws: 500,
    includePublished: false,
  })
  const [card] = answerCards({ elicited, curves: [] })
  expect(card?.verdict).toBe(verdict)
  expect(card?.tokens).toMatch(words)
})

test('chess without a named reference is read against the bundled base model behind its start token, if it was measured', () => {
  const tag = chessTags.laterTop1
  const of = (model: string, over: Partial<AnalysedRun>, match: number) => {
    const sums = Array.from({ length: 64 }, (_, i) => Number(i < 64 * match))
    const heldOut = { unit: 'game' as const, set: 'games', sums, counts: sums.map(() => 1) }
    const asked = { experiment: 'chess', model, ...over, heldOut: { [tag]: heldOut } }
    return run({ ...asked, metrics: { [tag]: match, [tags.finalTestLoss]: 1 - match } })
  }
  const own = [
    of('locked', { tokens: 0, baseline: 'none', steps: 0 }, 0),
    ...[0, 1].map(seed => of('locked', { tokens: 4, seed }, 0.75 + seed / 64)),
  ]
  const base = of('workbench-demo-base', { tokens: 0, baseline: 'start-token', steps: 0 }, 0.5)
  const stateOf = (runs: readonly AnalysedRun[], references: string[] = []) => {
    const { elicited } = analyse(runs, { draws: 500, includePublished: false, references })
    return elicited.find(({ model }) => model === 'locked')
  }
  expect(stateOf(own)?.target).toBeNull()
  expect(stateOf([...own, base])?.target).toBeCloseTo(0.4, 9)
  expect(stateOf([...own, base])).toEqual(stateOf([...own, base], [base.id]))
})

describe('chat detuning', () => {
  const of = (model: string, rest: Partial<AnalysedRun> & { readonly loss: number }) =>
    run({ experiment: 'chat-detuning', model, ...rest })
  const chat = [
    of('demo-chat', { tokens: 0, baseline: 'none', loss: 4 }),
    ...[0, 1].flatMap(seed => [
      of('demo-chat', { tokens: 1, seed, loss: 3 + seed / 100 }),
      of('demo-chat', { tokens: 4, seed, loss: 2.05 + seed / 100 }),
    ]),
  ]
  const said = (runs: readonly AnalysedRun[]): string[] =>
    analyse(runs, { draws: 500, includePublished: false }).elicited.map(one => elicitationText(one))

  // by hand: from 4 to the base model's 2, nine tenths of the gap end at 2.2
  test('nine tenths of the gap to the base model', () => {
    const base = of('demo-base', { tokens: 0, baseline: 'none', loss: 2 })
    expect(said([...chat, base])[0]).toMatch(
      /^demo-chat, .*: elicited, 2\.05? .*with 4 tokens, .*target 2\.2\]; needs more than 1, at most 4 tokens\.$/,
    )
  })
  test('without the base model it is open', () => {
    expect(said(chat)[0]).toMatch(/undecided: the base model’s own loss on the same data/)
  })
})

test('a level of the loss is not taken for the target of the behaviour', () => {
  const runs = [baseline('none', 0), ...curve({ 1: [60, 62], 4: [61, 62], 16: [62, 63] })]
  const words = 'How much they need is said for that level, not for a target above.'
  const said = (metric: string) => analysisText(analyse(runs, { draws: 300, metric }))
  // at most 1 token for the target, more than 4 for the loss
  expect(said('Final Test Loss Average')).toMatch(new RegExp(`at most 1 token.*\\n[^]*${words}`))
  expect(said('Final Test Loss Average')).toContain('demo: custom needs more than 4 tokens')
  expect(said('Exact match')).not.toContain(words)
})
