// Finding the answer: it ends by itself with the right kind of answer, from whatever the runs so far say.
import { describe, expect, test } from 'vitest'
import { nextRun } from '../../src-worker/answer/next-run'
import type { HeldOut } from '../../src-worker/contract/analysed-run'
import { carriedOut, elicitable, find, questionOf, steps, trueTokens, type World } from './worlds'

const never: World = { name: 'never', truth: () => 3, target: 2, noise: 0.05, none: 3.2 }

describe.each([...elicitable])('$name', world => {
  test('the range holds the truth and is as narrow as asked', () => {
    for (const within of [4, 2, 1.5]) {
      const { ended, range } = find(world, questionOf(world, { within }))
      const truth = trueTokens(world)
      expect(['narrow', 'open']).toContain(ended.because)
      if (range === null) throw new Error('no range')
      expect(range.low).toBeLessThan(truth)
      expect(range.high).toBeGreaterThanOrEqual(truth)
      if (ended.because === 'open') {
        expect(ended.reason).toMatch(
          /^on validation data more than \d+, at most \d+ tokens: [23] seeds do not tell/,
        )
        continue
      }
      // neighbours among whole numbers are as near as two lengths can be
      const isNarrow = range.high / Math.max(1, range.low) <= within || range.high - range.low <= 1
      expect(isNarrow, `${range.low} – ${range.high}`).toBe(true)
    }
  })

  test('half of a fixed grid’s steps are enough for the same width', () => {
    // 1, 4, 16, 64 × 3 seeds; the pilot counts, the control, which the grid has not, does not. Where noise leaves an end
    // open, one more length encloses it
    const { spent, ended } = find(world, questionOf(world))
    const outer = ended.because === 'open' ? steps : 0
    expect(spent).toBeLessThanOrEqual(0.5 * 12 * steps + outer)
  })

  test('stopped after any run, it goes on as if it had not been', () => {
    const question = questionOf(world)
    const whole = find(world, question)
    for (const at of [1, 4, 9, whole.decisions.length - 1]) {
      const early = find(world, { ...question, budget: at * 150 })
      const rest = find(world, question, early.trials)
      expect(rest.trials.map(t => ({ ...t })).sort(byPlace)).toEqual(
        whole.trials.map(t => ({ ...t })).sort(byPlace),
      )
    }
  })
})

const byPlace = (a: { tokens: number }, b: { tokens: number }): number =>
  JSON.stringify([a.tokens, a]) < JSON.stringify([b.tokens, b]) ? -1 : 1

test('baselines come first, then the pilot, and every run has a reason', () => {
  const [world] = elicitable
  if (world === undefined) throw new Error('no world')
  const { decisions } = find(world, questionOf(world))
  expect(decisions.slice(0, 3).map(d => d.reason)).toEqual([
    'baseline: the model without a prompt',
    'baseline: the model with the start token alone',
    'pilot, round 1: 6 of 6 ways of training are left, 64 steps each',
  ])
  expect(decisions.at(-1)?.reason).toMatch(
    /^control: \d+ tokens trained on completions shuffled among prompts must not reach the target$/,
  )
  // the good way of training won
  expect(decisions.at(-1)?.trial.arm).toEqual({ rate: 0.01, init: 'vocabulary' })
})

test('what cannot be elicited ends with no, after the longest', () => {
  const { ended, decisions } = find(never, questionOf(never, { longest: 64 }))
  expect(ended).toEqual({ kind: 'ended', because: 'no', reason: 'not reached by 64 tokens' })
  expect(decisions.some(d => d.trial.kind === 'control')).toBe(false)
})

test('what is there already costs no training', () => {
  const there: World = { ...never, name: 'there', none: 1.5 }
  const { ended, spent } = find(there, questionOf(there))
  expect(ended.because).toBe('there-already')
  expect(spent).toBe(0)
})

test('the budget ends it, and the words say what would be next', () => {
  const { ended, spent } = find(never, questionOf(never, { budget: 1000 }))
  expect(ended.because).toBe('budget')
  expect(ended.reason).toMatch(/^the budget of 1000 steps is spent; next would be: /)
  expect(spent).toBeLessThanOrEqual(1000)
})

test('training that had not ended goes on before it says "below"', () => {
  const slow: World = {
    ...{ name: 'slow', truth: n => (n < 4 ? 3 : 1), target: 2, noise: 0.02, none: 3.5 },
    slow: 3,
  }
  const { decisions, ended, range } = find(slow, questionOf(slow, { within: 4 }))
  expect(
    decisions.some(d => /training loss was not seen to level off by step 512$/.test(d.reason)),
  ).toBe(true)
  expect(ended.because).toBe('narrow')
  expect(range).toEqual({ low: 1, high: 4 })
})

test('noise that never decides ends open, after as many seeds at an end as are allowed', () => {
  const close: World = { name: 'close', truth: () => 2, target: 2, noise: 0.3, none: 4 }
  const { ended, trials } = find(close, questionOf(close, { longest: 16 }))
  expect(['open', 'narrow', 'no']).toContain(ended.because)
  expect(Math.max(...trials.map(t => t.seed))).toBeLessThanOrEqual(3)
})

test('of two ends with as many seeds the one nearer to the target is trained again first', () => {
  const truth = (n: number): number => (n < 16 ? 2.9 : 1.9)
  const near: World = { name: 'near', truth, target: 2, noise: 0.02, none: 4 }
  const { decisions } = find(near, questionOf(near))
  const second = decisions.find(d => d.trial.kind === 'trained' && d.trial.seed === 2)
  expect(second?.trial.tokens).toBe(16)
})

test('lengths farther out enclose what seeds leave open', () => {
  const truth = (n: number): number => (n < 4 ? 3 : n < 32 ? 2 : 1)
  const flat: World = { name: 'flat', truth, target: 2, noise: 0.1, none: 4 }
  const { ended, range } = find(flat, questionOf(flat))
  // 4 and 16 tokens lie on the target: which of them is above it is a matter of luck
  expect(range?.low).toBe(1)
  expect([16, 64]).toContain(range?.high)
  expect(ended.reason).toMatch(
    /^on validation data more than 1, at most (16|64) tokens: \d seeds do not tell/,
  )
})

test('seeds are not spent where the held-out data are too few to tell', () => {
  const world: World = { name: 'few', truth: () => 2, target: 2.05, noise: 0.001, none: 4 }
  // five documents, far apart: the test’s noise is a hundred times that of training
  const units = { set: 'same', unit: 'document' as const, counts: [1, 1, 1, 1, 1] }
  const sums = (cost: number): number[] => [-1, -0.5, 0, 0.5, 1].map(x => cost + x)
  const tested = (cost: number): HeldOut => ({ ...units, sums: sums(cost) })
  const { ended, trials } = find(world, questionOf(world, { longest: 16 }), [], tested)
  expect(ended.reason).toContain('the held-out data are too few to tell')
  expect(trials.filter(t => t.kind === 'trained' && t.seed > 2)).toEqual([])
})

test('a control that reaches the target changes the verdict', () => {
  const [, , step] = elicitable
  if (step === undefined) throw new Error('no world')
  const world: World = { ...step, control: step.target - 0.5 }
  const { ended } = find(world, questionOf(world))
  expect(ended.because).toBe('taught')
  expect(ended.reason).toMatch(
    /^the prompt itself taught it: \d+ tokens trained on completions shuffled among prompts reach the target as well$/,
  )
})

test('without a yes or no, lengths grow until the longest gains no more', () => {
  const world: World = {
    ...{ name: 'gain', truth: n => (n < 16 ? 3 - n / 8 : 1), target: 0, noise: 0.02, none: 4 },
  }
  const { ended, trials } = find(world, questionOf(world, { target: null, control: null }))
  expect(ended).toMatchObject({ because: 'gain' })
  expect(ended.reason).toBe('64 tokens do not surely gain on 16 tokens')
  expect(trials.some(t => t.tokens === 256)).toBe(false)
})

/** Runs of one way of training whose costs are given. */
const landing: World = { name: 'landing', truth: () => 2, target: 2, noise: 0, none: 4 }
const onlyArm = { rate: 0.01, init: 'vocabulary' }
function at(tokens: number, cost: number, seed = 1) {
  const trial = { kind: 'trained' as const, tokens, arm: onlyArm, seed }
  const run = carriedOut(landing, { kind: 'run', trial, steps, isMeasured: true, reason: '' })
  return { ...run, cost }
}
const bare = (['none', 'start-token'] as const).map(kind => ({
  ...at(0, 4),
  ...{ kind, arm: undefined, steps: 0 },
}))

test('a range as narrow as was asked ends it, though noise leaves it open on which side its ends lie', () => {
  const trials = [...bare, at(4, 3), at(16, 2.01), at(64, 1.9)]
  const range = { low: 4, high: 64 }
  const evidence = { trials, baseline: 'below', range, rangeOfTraining: range } as const
  const asked = { arms: [onlyArm], control: null }
  expect(nextRun(questionOf(landing, { ...asked, within: 16 }), evidence)).toEqual({
    ...{ kind: 'ended', because: 'narrow' },
    reason: 'on validation data more than 4, at most 64 tokens',
  })
  // 16 and 64 are near enough, but 4 and 64 are not
  expect(nextRun(questionOf(landing, { ...asked, within: 4 }), evidence)).toMatchObject({
    trial: { tokens: 16, seed: 2 },
  })
})

test('where seeds do not place an end, the outermost length gets a second one, and no more', () => {
  const several = [at(1, 1.9), at(1, 1.92, 2), at(1, 1.95, 3)]
  const trials = [...bare, ...several, at(4, 1.8), at(16, 1.7)]
  const range = { low: 0, high: Number.POSITIVE_INFINITY }
  const rangeOfTraining = { low: 0, high: 1 }
  const evidence = { trials, baseline: 'below', range, rangeOfTraining } as const
  const question = questionOf(landing, { arms: [onlyArm], control: null, longest: 16 })
  expect(nextRun(question, evidence)).toMatchObject({ trial: { tokens: 16, seed: 2 } })
  const twice = { ...evidence, trials: [...trials, at(16, 1.72, 2)] }
  expect(nextRun(question, twice)).toMatchObject({ kind: 'ended', because: 'open' })
})
