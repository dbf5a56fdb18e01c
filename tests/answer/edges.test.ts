// Where the pilot's best rate is at the edge of its grid it looks beyond; a training that diverged says nothing, and is tried
// again once.
import { describe, expect, test } from 'vitest'
import { edgeSentence } from '../../src-worker/answer/pilot'
import type { Next } from '../../src-worker/answer/question'
import { arms, elicitable, find, outside, questionOf, steps, type World } from './worlds'

const pilots = (decisions: readonly Next[]): Next[] =>
  decisions.filter(d => d.reason.startsWith('pilot'))
const last = <T>(all: readonly T[]): T => {
  const found = all.at(-1)
  if (found === undefined) throw new Error('none')
  return found
}

describe('the best rate lies outside', () => {
  test.each([...outside])('$name: the pilot goes there', world => {
    const { decisions, ended, range, spent, trials } = find(world, questionOf(world))
    const curve = decisions.filter(d => d.trial.tokens > 4 && d.trial.kind === 'trained')
    expect(last(curve).trial.arm).toEqual({ rate: world.bestRate, init: 'vocabulary' })
    expect(ended.because).toBe('narrow')
    expect(range).toEqual({ low: 4, high: 16 })
    // half of the grid, which has the best rate for nothing
    expect(spent).toBeLessThanOrEqual(0.5 * 12 * steps)
    const side = (world.bestRate ?? 0) > 0.01 ? 'highest' : 'lowest'
    const beyond = decisions.filter(d => d.reason.includes(`is the ${side} tried: `))
    expect(beyond.length).toBeGreaterThan(0)
    expect(beyond[0]?.reason).toBe(
      side === 'highest'
        ? 'pilot: the best learning rate so far, 0.1, is the highest tried: 64 steps at 1'
        : 'pilot: the best learning rate so far, 0.001, is the lowest tried: 64 steps at 0.0001',
    )
    const winner = { rate: world.bestRate ?? 0, init: 'vocabulary' }
    const said = edgeSentence(questionOf(world), trials, winner)
    // 10 is two steps out, as far as it goes
    expect(said).toBe(
      world.bestRate === 10
        ? 'The best learning rate, 10, is the highest of those tried: a higher one may do better.'
        : '',
    )
  })
  test('it ends two rates beyond', () => {
    const [first] = outside
    if (first === undefined) throw new Error('no world')
    const { trials } = find({ ...first, bestRate: 1e6 }, questionOf(first, { longest: 4 }))
    const rates = trials.flatMap(t => t.arm?.rate ?? [])
    expect(Math.max(...rates)).toBe(10)
  })
  test('a best rate inside costs nothing more', () => {
    for (const world of elicitable)
      expect(find(world, questionOf(world)).trials.flatMap(t => t.arm ?? [])).not.toContainEqual(
        expect.objectContaining({ rate: 1 }),
      )
  })
  test('one rate alone has no edge', () => {
    const [world] = outside
    if (world === undefined) throw new Error('no world')
    const only = questionOf(world, { arms: arms.filter(a => a.rate === 0.1) })
    const { decisions } = find(world, only)
    expect(pilots(decisions).every(d => d.trial.arm?.rate === 0.1)).toBe(true)
  })
  test('stopped after any run of the pilot, it goes on as if it had not been', () => {
    for (const world of outside) {
      const whole = find(world, questionOf(world))
      for (let k = 1; k < whole.decisions.length; k++) {
        const done = whole.decisions.slice(0, k).reduce((sum, d) => sum + d.steps, 0)
        const early = find(world, questionOf(world, { budget: done / 2 }))
        const rest = find(world, questionOf(world), early.trials)
        expect(new Set(rest.trials.map(t => JSON.stringify(t)))).toEqual(
          new Set(whole.trials.map(t => JSON.stringify(t))),
        )
      }
    }
  })
})

const step: World = {
  ...{ name: 'step', truth: n => (n < 11 ? 3 : 1), target: 2, noise: 0.05, none: 3.2 },
}
const [rate, slower] = [0.01, 0.0033]
type Trial = Next['trial']
const once = (isOne: (trial: Trial) => boolean) => (trial: Trial) =>
  isOne(trial) && trial.arm?.rate === rate ? ('to nothing' as const) : undefined
const always = (isOne: (trial: Trial) => boolean) => (trial: Trial) =>
  isOne(trial) ? ('to nothing' as const) : undefined
const upwards = (isOne: (trial: Trial) => boolean) => (trial: Trial) =>
  isOne(trial) ? ('upwards' as const) : undefined

describe('what diverged', () => {
  const isAt = (tokens: number) => (trial: Trial) =>
    trial.kind === 'trained' && trial.tokens === tokens && trial.arm?.init === 'vocabulary'
  const isControl = (trial: Trial): boolean => trial.kind === 'control'

  test.each([
    ['to no number', once(isAt(16))],
    ['upwards', (t: Trial) => (once(isAt(16))(t) ? ('upwards' as const) : undefined)],
  ])('a length, %s: it is trained again at a third of its rate', (_, diverges) => {
    const world = { ...step, diverges }
    const { decisions, ended, range } = find(world, questionOf(world))
    expect(decisions.map(d => d.reason)).toContain(
      '16 tokens diverged at learning rate 0.01, which says nothing of the behaviour: once more at 0.0033',
    )
    expect(decisions.filter(d => d.trial.arm?.rate === slower)[0]?.trial.tokens).toBe(16)
    expect(ended).toMatchObject({
      because: 'narrow',
      reason: 'on validation data more than 4, at most 16 tokens',
    })
    expect(range).toEqual({ low: 4, high: 16 })
  })

  test('a length, twice: it is stepped over', () => {
    const world = { ...step, diverges: always(isAt(16)) }
    const { ended, decisions } = find(world, questionOf(world))
    expect(decisions.map(d => d.trial.tokens)).toContain(64)
    // 32 lies between 16 and 64, 11 between 4 and 32
    expect(ended).toMatchObject({
      because: 'narrow',
      reason: 'on validation data more than 4, at most 11 tokens',
    })
  })

  test('all lengths between, twice: they are neither enough nor too few', () => {
    const isBetween = (t: Trial): boolean => t.tokens > 4 && t.tokens < 64 && t.kind === 'trained'
    const world = { ...step, diverges: always(isBetween) }
    const { ended } = find(world, questionOf(world))
    expect(ended.because).toBe('open')
    expect(ended.reason).toMatch(
      /^on validation data more than 4, at most 64 tokens; 8 tokens, 16 tokens, 32 tokens diverged, also at a smaller learning rate: whether they are enough is not known$/,
    )
  })

  test('the longest, twice: not "not elicited"', () => {
    const never: World = { ...step, truth: () => 3 }
    const world = { ...never, diverges: upwards(isAt(64)) }
    const { ended } = find(world, questionOf(world, { longest: 64 }))
    expect(ended).toEqual({
      kind: 'ended',
      because: 'open',
      reason:
        'not reached by 16 tokens; 64 tokens diverged, also at a smaller learning rate, which says nothing of the behaviour',
    })
    expect(find(never, questionOf(never, { longest: 64 })).ended.because).toBe('no')
  })

  test('every length, twice: nothing is known', () => {
    const world = { ...step, diverges: upwards(t => t.kind === 'trained') }
    const { ended } = find(world, questionOf(world, { longest: 16 }))
    expect(ended.because).toBe('open')
    expect(ended.reason).toMatch(/diverged, also at a smaller learning rate, which says nothing/)
  })

  test('a control, once: the control that counts is the slower one', () => {
    for (const [control, because] of [
      [step.none, 'narrow'],
      [step.target - 0.5, 'taught'],
    ] as const) {
      const world = { ...step, control, diverges: once(isControl) }
      const { ended, decisions } = find(world, questionOf(world))
      expect(last(decisions).reason).toBe(
        'the control diverged at learning rate 0.01, which says nothing of the behaviour: once more at 0.0033',
      )
      expect(ended.because).toBe(because)
    }
  })

  test('a control, twice: it did not "miss the target"', () => {
    const world = { ...step, diverges: upwards(isControl) }
    const { ended, trials } = find(world, questionOf(world))
    expect(trials.filter(t => t.kind === 'control')).toHaveLength(2)
    expect(ended).toEqual({
      kind: 'ended',
      because: 'open',
      reason:
        'on validation data more than 4, at most 16 tokens; the control diverged, also at a smaller learning rate: whether the prompt itself taught it is not known',
    })
  })

  test('a second seed, twice: another seed takes its place, no run is begun again', () => {
    const isSecond = (t: Trial): boolean => isAt(16)(t) && t.seed === 2
    const world = { ...step, noise: 0.4, diverges: always(isSecond) }
    const { decisions } = find(world, questionOf(world))
    const keys = decisions.map(d => JSON.stringify([d.trial, d.steps]))
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('without a yes or no, a length that diverged is stepped over', () => {
    const truth = (n: number): number => (n < 16 ? 3 - n / 8 : 1)
    const gain: World = { name: 'gain', truth, target: 0, noise: 0.02, none: 4 }
    const world = { ...gain, diverges: always(isAt(16)) }
    const { ended, decisions } = find(world, questionOf(world, { target: null, control: null }))
    expect(ended.because).toBe('gain')
    expect(decisions.map(d => d.trial.tokens)).toContain(64)
    const first = { ...gain, diverges: always(isAt(1)) }
    expect(find(first, questionOf(first, { target: null, control: null })).ended.because).toBe(
      'gain',
    )
  })
})
