// A measure that a run cannot have: said with its reason wherever the measure is shown, never 0 and never a gap.
import { expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { unmeasuredOf } from '../../src-worker/behaviours/registry'
import { elicitationText } from '../../src-worker/contract/elicitation'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { baseline, curve } from './answered'
import { run } from './fixtures'

const tag = 'Elo sensitivity'
const spec = (prompt: object, conditioned = 'elos') =>
  resolveSpec({
    ...{ experiment: { kind: 'chess', conditioned }, model: 'm', data: { path: 'demo' } },
    ...{ prompt, training: { steps: 0 } },
  } as never)

test.each([
  [
    { type: 'direct', tokens: 4, init: { kind: 'vocabulary' } },
    'elos',
    'a direct prompt is not made from Elos',
  ],
  [{ type: 'none' }, 'elos', 'without a soft prompt the model is given no Elos'],
  [{ type: 'mlp', tokens: 4 }, 'constant', 'its prompt is not made from Elos'],
  [{ type: 'mlp', tokens: 4 }, 'elos', undefined],
  [{ type: 'resnet', tokens: 4 }, 'elos-constant', undefined],
])('%j, %s', (prompt, conditioned, why) => {
  expect(unmeasuredOf(spec(prompt, conditioned))[tag]).toBe(why)
})

const rate = 'Top-1 match from ply 10'
const chance = 'Match of a random legal move from ply 10'
const chess = (tokens: number, value: number) =>
  run({
    ...{ experiment: 'chess', tokens, seed: 0, unmeasured: { [tag]: 'it takes no Elos' } },
    metrics: {
      'Final Test Loss Average': 2,
      [rate]: value,
      'Legal move rate': 0.9,
      [chance]: 0.04,
    },
  })
const reference = {
  ...chess(0, 0.5),
  baseline: 'none' as const,
  id: 'reference',
  model: 'org/base',
}

test('beside the answer, and where it is asked for by name', () => {
  const runs = [chess(1, 0.1), chess(4, 0.5), reference]
  const { elicited, skipped } = analyse(runs, { draws: 0, references: ['reference'] })
  expect(elicited.map(one => elicitationText(one)).join()).not.toMatch(/Elo sensitivity 0/)
  const measured = run({ experiment: 'chess', tokens: 16, metrics: { [tag]: -0.01 } })
  const asked = analyse([...runs, measured], { metric: tag, draws: 0 })
  expect(asked.skipped.map(s => s.reason)).toContain(
    'Elo sensitivity is not measured: it takes no Elos',
  )
  expect(skipped.map(s => s.reason)).not.toContain('Elo sensitivity')
  expect(() => analyse(runs, { metric: tag })).toThrow(
    /none of the 3 runs has the metric "Elo sensitivity": it takes no Elos/,
  )
})

test('the words beside an answer', () => {
  const sums = (right: number) => Array.from({ length: 64 }, (_, i) => Number(i < right))
  const luck = sums(64).map(() => 0.04)
  const heldOut = (right: number) => ({
    [chance]: { unit: 'game' as const, set: 'games', sums: luck, counts: sums(64) },
    [rate]: { unit: 'game' as const, set: 'games', sums: sums(right), counts: sums(64) },
  })
  const runs = [
    { ...chess(1, 5 / 64), heldOut: heldOut(5) },
    { ...chess(4, 60 / 64), heldOut: heldOut(60) },
    { ...reference, metrics: { ...reference.metrics, [rate]: 0.95 } },
  ]
  const { elicited } = analyse(runs, { draws: 300, references: ['reference'], target: 0.5 })
  expect(elicited.map(one => elicitationText(one)).join('\n')).toMatch(
    /Beside it: Legal move rate 0\.9, Elo sensitivity not measured \(it takes no Elos\)\./,
  )
})

test('lengths that were trained without the measure are named in the sentence', () => {
  const old = (tokens: number, over = {}) => run({ experiment: 'custom', tokens, ...over })
  const measured = [baseline('none', 0), ...curve({ 1: [2, 3], 4: [60, 62] })]
  const said = (...others: readonly ReturnType<typeof run>[]): string =>
    analyse([...measured, ...others], { draws: 300 })
      .elicited.map(e => elicitationText(e))
      .join()
  const words = 'Trained, but without this measure, so nothing is said of them: '
  expect(said(old(8), old(16), old(16, { seed: 1, id: 'x' }))).toContain(
    `; needs more than 1, at most 4 tokens. ${words}8 tokens, 16 tokens.`,
  )
  // one seed has it; one is not done; one was trained in another way: none is such a length
  const other = { settings: { 'optimizer.learningRate': '0.1' } }
  expect(said(old(4, { seed: 9 }), old(8, { state: 'running' }), old(16, other))).not.toContain(
    words,
  )
})
