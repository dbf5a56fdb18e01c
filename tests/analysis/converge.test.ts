// Every guard: when it speaks, what it says, and the run that would settle it.
import { describe, expect, test } from 'vitest'
import { type GuardedPoint, guardsOf } from '../../src-worker/analysis/converge'
import { diverged } from '../../src-worker/analysis/loss-guards'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import type { Guard } from '../../src-worker/contract/analysis'
import { run, trainLoss } from './fixtures'

const point = (runs: readonly AnalysedRun[], costs: readonly number[]): GuardedPoint => ({
  tokens: runs[0]?.tokens ?? 0,
  runs,
  costs,
  cost: costs.reduce((a, b) => a + b, 0) / costs.length,
  draws: null,
})
const alone = (over: Partial<AnalysedRun>): Guard[] =>
  guardsOf([point([run(over)], [2])], 1)[0] ?? []

describe('one run', () => {
  test('a loss that levelled off raises no warning, whatever its noise', () => {
    for (let seed = 0; seed < 40; seed++)
      expect(alone({ trainLoss: trainLoss(512, 300, 2, 0.1, seed) })).toEqual([])
  })

  test('a loss still falling: slope with interval, and twice the steps', () => {
    const [guard, ...rest] = alone({ trainLoss: trainLoss(512, 700) })
    expect(rest).toEqual([])
    expect(guard).toMatchObject({ kind: 'still-falling', level: 'warning' })
    expect(guard?.reason).toMatch(
      /^training loss was still falling over the last quarter: −[\d.]+ nats per 1000 steps \(95 %: −[\d.]+ to −[\d.]+\)$/,
    )
    expect(guard?.suggestion).toEqual({
      text: 'Run 512 more steps',
      run: 'autoregressive-demo-trained-4-0',
      change: { training: { steps: 1024 } },
      resume: true,
      command: 'spw resume autoregressive-demo-trained-4-0 --steps 1024',
    })
  })

  const losses = (values: readonly number[]) => ({
    trainLoss: { steps: values.map((_, i) => i + 1), values: [...values] },
    steps: values.length,
  })

  test.each<[string, readonly number[], string]>([
    ['5.3, 3.2, 1.7', [5.3, 3.2, 1.7], '3 losses, 5.300 first and 1.700 last'],
    ['one step', [4], '1 loss, 4.000 first and 4.000 last'],
    ['level, but fifteen steps', Array(15).fill(2), '15 losses, 2.000 first and 2.000 last'],
  ])('too short to tell: %s', (_, values, seen) => {
    expect(alone(losses(values))).toEqual([
      {
        kind: 'too-short',
        level: 'warning',
        run: 'autoregressive-demo-trained-4-0',
        reason: `too short to tell whether the training loss was still falling: ${seen}; at least 16 are needed`,
        suggestion: {
          text: `Run ${32 - values.length} more steps`,
          run: 'autoregressive-demo-trained-4-0',
          change: { training: { steps: 32 } },
          resume: true,
          command: 'spw resume autoregressive-demo-trained-4-0 --steps 32',
        },
      },
    ])
  })

  test.each([16, 20, 28])('a run of %i steps is judged by its last eight', steps => {
    const falling = Array.from({ length: steps }, (_, i) => 6 - 0.2 * i + 0.01 * (i % 2))
    const [guard] = alone(losses(falling))
    expect(guard?.kind).toBe('still-falling')
    expect(guard?.reason).toMatch(
      /^training loss was still falling over the last 8 steps: −2.0e\+2 nats/,
    )
    const level = falling.map((loss, i) => (i < steps - 8 ? loss : 2 + 0.01 * (i % 2)))
    expect(alone(losses(level))).toEqual([])
  })

  test('a run whose losses nobody logged says nothing of them', () => {
    expect(alone(losses([]))).toEqual([])
  })

  test('a loss that left the numbers: the step, and a third of the rate', () => {
    const { steps, values } = trainLoss(64, 32)
    const broken = { steps, values: values.map((v, i) => (i === 40 ? null : v)) }
    const [guard] = alone({ trainLoss: broken })
    expect(guard?.reason).toBe('training loss was not a number at step 41')
    expect(guard?.suggestion).toMatchObject({
      change: { optimizer: { learningRate: 0.00033 } },
      resume: false,
      command: 'spw train --spec runs/autoregressive-demo-trained-4-0/spec.json --lr 0.00033',
    })
  })

  test('a loss that rose again', () => {
    const { steps, values } = trainLoss(512, 200)
    const risen = { steps, values: values.map((v, i) => (i > 450 ? v + 2 : v)) }
    const [guard] = alone({ trainLoss: risen })
    expect(guard).toMatchObject({ kind: 'diverged', level: 'warning' })
    expect(guard?.reason).toMatch(/ends .* nats above the lowest it had been/)
  })

  test('an unfinished run is a warning, a resumed one only an info', () => {
    expect(alone({ state: 'stopped' })[0]).toMatchObject({
      kind: 'unfinished',
      level: 'warning',
      reason: 'the run is stopped, not done',
      suggestion: { command: 'spw resume autoregressive-demo-trained-4-0' },
    })
    expect(alone({ restarts: [50, 120] })).toEqual([
      {
        kind: 'restarted',
        level: 'info',
        run: 'autoregressive-demo-trained-4-0',
        reason: 'resumed at step 50, 120',
        suggestion: null,
      },
    ])
  })

  test("the paper's runs cannot be run again: warnings without a command", () => {
    const [guard] = alone({ source: 'published', trainLoss: trainLoss(512, 700) })
    expect(guard).toMatchObject({ kind: 'still-falling', suggestion: null })
  })
})

describe('a run among others', () => {
  const curve = (steps: readonly number[], costs: readonly (readonly number[])[]) =>
    costs.map((values, i) => {
      const tokens = 4 ** i
      const runs = values.map((_, seed) => run({ tokens, seed, steps: steps[i] ?? 0 }))
      return point(runs, values)
    })

  test('fewer steps than its neighbours', () => {
    const guards = guardsOf(curve([512, 128, 512], [[3], [2], [1]]), 3)
    expect(guards.map(g => g.map(x => x.kind))).toEqual([[], ['fewer-steps'], []])
    expect(guards[1]?.[0]).toMatchObject({
      reason: '128 steps, the other lengths had 512',
      suggestion: { text: 'Run 384 more steps', resume: true },
    })
  })

  test('seeds too far apart: another seed', () => {
    const guards = guardsOf(
      curve(
        [1, 1],
        [
          [3, 3.1],
          [2, 3],
        ],
      ),
      2,
    )
    expect(guards[0]).toEqual([])
    expect(guards[1]?.[0]).toMatchObject({
      kind: 'seed-spread',
      reason: "2 seeds lie 1.0 apart, 25 % of the curve's whole fall as standard error",
      suggestion: { text: 'Run seed 2 as well', change: { seed: 2 }, resume: false },
    })
  })

  test('a longer prompt that ends above a shorter one', () => {
    const guards = guardsOf(curve([1, 1, 1], [[3], [1], [1.5]]), 2)
    expect(guards[2]?.[0]).toMatchObject({
      kind: 'missed-optimum',
      reason:
        '16 ends 0.50 above 4, though a longer prompt can do all that a shorter one can: what is needed is read without it',
    })
  })

  test('above, but within the noise: no warning', () => {
    const [a, b] = curve([1, 1], [[1], [1.01]])
    if (a === undefined || b === undefined) throw new Error('no points')
    const noise = (cost: number, turn: number) =>
      Float64Array.from({ length: 100 }, (_, i) => cost + 0.1 * Math.sin(i * turn))
    const guards = guardsOf(
      [
        { ...a, draws: noise(1, 1) },
        { ...b, draws: noise(1.01, 2) },
      ],
      1,
    )
    expect(guards[1]).toEqual([])
  })
})

test.each<[string, number[], boolean]>([
  ['eight steps that explode', [5, 5.2, 6, 7, 9, 12, 15, 20], true],
  ['three', [4, 5, 9], true],
  ['eight that fall', [5, 4.5, 4.2, 4, 3.9, 3.8, 3.8, 3.7], false],
  ['noise', [4, 4.4, 3.9, 4.6, 4.1, 4.5], false],
  [
    'twenty that rise at their end',
    [5, 4, 3.5, 3.2, 3, 2.9, 2.9, 2.8, 2.8, 2.8, 2.8, 2.9, 2.8, 2.8, 2.9, 2.8, 2.9, 2.8, 6, 7],
    true,
  ],
  [
    'twenty that level off',
    [5, 4, 3.5, 3.2, 3, 2.9, 2.9, 2.8, 2.8, 2.8, 2.8, 2.9, 2.8, 2.8, 2.9, 2.8, 2.9, 2.8, 2.9, 2.8],
    false,
  ],
])('diverged is seen in short runs: %s', (_, values, expected) => {
  const found = diverged(run({ trainLoss: { steps: values.map((_, i) => i + 1), values } }))
  expect(found !== undefined).toBe(expected)
})
