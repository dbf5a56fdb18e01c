// The loop with a scripted trainer: what it feeds, what it counts, and what it says when the numbers are none.
import { expect, test } from 'vitest'
import type { MicroBatch } from '../../src-worker/contract/batch'
import { type RunSpec, runSpecSchema } from '../../src-worker/contract/run-spec'
import type { BatchStream } from '../../src-worker/stream/source'
import { type LoopState, type MultiStep, train } from '../../src-worker/train/loop'
import type { TrainState } from '../../src-worker/train/state'
import type { Trainer } from '../../src-worker/train/trainer'

const specOf = (changes: object = {}): RunSpec =>
  runSpecSchema.parse({
    experiment: { kind: 'autoregressive' },
    model: 'm',
    data: { path: 'demo' },
    prompt: { type: 'direct', tokens: 4, init: { kind: 'vocabulary' } },
    training: { steps: 6, lanes: 4, accumulation: 2, testEvery: 0, checkpointEvery: 0 },
    // cosine from 0.8 over the 4 steps behind 2 of warm-up
    optimizer: { learningRate: 0.8, schedule: 'cosine', warmupSteps: 2 },
    ...changes,
  })

/** Micro-batch n has n tokens; its cursor is n. */
function streamOf(first = 1): BatchStream {
  let n = first
  return {
    next: async () => {
      const batch = { tokenCount: n } as MicroBatch
      return { batch, documentOf: new Int32Array(0), cursor: n++ as never }
    },
  } as unknown as BatchStream
}

interface Call {
  readonly tokens: readonly (readonly number[])[]
  readonly rates: readonly number[]
}

/** Step s has the loss s and the gradient norm 10·s. */
function trainerOf(calls: Call[], lossOf = (step: number) => step): Trainer {
  const advance: Trainer['advance'] = async (state, steps, rates) => {
    calls.push({ tokens: steps.map(micro => micro.map(b => b.tokenCount)), rates })
    const of = (f: (step: number) => number) =>
      Float32Array.from(steps, (_, k) => f(state.step + k + 1))
    return {
      state: { ...state, step: state.step + steps.length },
      losses: of(lossOf),
      gradNorms: of(step => 10 * step),
      padding: of(() => 0.25),
    }
  }
  return { advance, transfer: async () => 0 } as unknown as Trainer
}

const at = (step: number, tokens = 0, seconds = 0): LoopState => ({
  ...{ tokens, seconds, stream: undefined },
  state: { step, parameters: new Map(), m: new Map(), v: new Map() } satisfies TrainState,
})

async function all(from: LoopState, spec = specOf(), lossOf?: (step: number) => number) {
  const calls: Call[] = []
  const stretches: MultiStep[] = []
  for await (const s of train(
    spec,
    trainerOf(calls, lossOf),
    streamOf(2 * from.state.step + 1),
    from,
  ))
    stretches.push(s)
  return { calls, stretches, lines: stretches.flatMap(s => s.lines) }
}

/** By hand: half and whole of 0.8, then 0.4·(1 + cos(π·k/4)). */
const rates = [0.4, 0.8, 0.8, 0.4 * (1 + Math.SQRT1_2), 0.4, 0.4 * (1 - Math.SQRT1_2)]

test('each step takes its micro-batches in order, at its own rate', async () => {
  const { calls } = await all(at(0))
  expect(calls[0]!.tokens).toEqual([[1, 2]])
  expect(calls.flatMap(call => call.tokens)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
    [11, 12],
  ])
  expect(calls.flatMap(call => call.rates)).toEqual(rates.map(rate => expect.closeTo(rate, 12)))
})

test('a line a step: its number, loss, norm, rate, and all tokens so far', async () => {
  const { lines } = await all(at(0))
  expect(lines.map(line => line.step)).toEqual([1, 2, 3, 4, 5, 6])
  expect(lines.map(line => line.values.Loss)).toEqual([1, 2, 3, 4, 5, 6])
  expect(lines.map(line => line.values['Gradient norm'])).toEqual([10, 20, 30, 40, 50, 60])
  expect(lines.map(line => line.values['Learning rate'])).toEqual(
    rates.map(rate => expect.closeTo(rate, 12)),
  )
  expect(lines.map(line => line.values['Padding share'])).toEqual(lines.map(() => 0.25))
  // 1+2, +3+4, +5+6 …
  expect(lines.map(line => line.tokens)).toEqual([3, 10, 21, 36, 55, 78])
  expect(lines.map(line => line.values['Trained token count'])).toEqual([3, 10, 21, 36, 55, 78])
})

test('seconds add up, and never run backwards', async () => {
  const { lines, stretches } = await all(at(0, 0, 100))
  let before = 100
  for (const { seconds } of lines) {
    expect(seconds).toBeGreaterThan(before)
    before = seconds
  }
  expect(stretches.at(-1)!.seconds).toBeCloseTo(before, 9)
})

test('a state says where the stream stands behind its last step', async () => {
  const { stretches } = await all(at(0))
  for (const { state, stream } of stretches) expect(stream).toBe(2 * state.step)
  expect(stretches.at(-1)).toMatchObject({ tokens: 78, state: { step: 6 } })
})

test('it goes on from a state as if it had never stopped', async () => {
  const whole = await all(at(0))
  const rest = await all(at(4, 36))
  const plain = (lines: typeof whole.lines) =>
    lines.map(({ step, tokens, values }) => [step, tokens, values.Loss, values['Learning rate']])
  expect(plain(rest.lines)).toEqual(plain(whole.lines).slice(4))
})

test('tests and checkpoints fall between two calls', async () => {
  const training = { steps: 12, lanes: 2, accumulation: 1, testEvery: 4, checkpointEvery: 3 }
  const { stretches } = await all(at(0), specOf({ training }))
  const ends = stretches.map(s => s.state.step)
  expect(ends).toEqual(expect.arrayContaining([3, 4, 6, 8, 9, 12]))
})

test.each([
  {
    bad: 1,
    kept: 0,
    fix: 'Check the weights of the model, and the snapshot that the run starts from.',
  },
  { bad: 5, kept: 4, fix: 'Fork it from step ' },
])('a loss that is no number at step $bad', async ({ bad, fix }) => {
  const found = all(at(0), specOf(), step => (step === bad ? Number.NaN : step))
  await expect(found).rejects.toMatchObject({
    code: 'diverged',
    message: expect.stringContaining(
      `at step ${bad} the loss is NaN and the gradient norm ${10 * bad}`,
    ),
    fix: expect.stringContaining(fix),
  })
})

test('rows of zeros that have no gradient: another start is what to try first', async () => {
  const zeros = specOf({ prompt: { type: 'direct', tokens: 4, init: { kind: 'zero' } } })
  const at1 = all(at(0), zeros, step => (step === 1 ? Number.NaN : step))
  await expect(at1).rejects.toMatchObject({
    message: expect.stringContaining('at step 1 the loss is NaN and the gradient norm 10: rows of'),
    fix: 'Start from rows of the vocabulary, with --init vocabulary.',
  })
  const at5 = all(at(0), zeros, step => (step === 5 ? Number.NaN : step))
  await expect(at5).rejects.toMatchObject({ fix: expect.stringContaining('Fork it from step ') })
})

test('an update that leaves the numbers is part of no state', async () => {
  const trainer = trainerOf([])
  const advance: Trainer['advance'] = async (state, steps, rates) => {
    const { state: next, ...found } = await trainer.advance(state, steps, rates)
    const data = Float32Array.of(1, next.step < 4 ? 2 : Number.NEGATIVE_INFINITY)
    return {
      ...found,
      state: { ...next, parameters: new Map([['rows', { shape: [1, 2], data }]]) },
    }
  }
  const run = train(specOf(), { ...trainer, advance }, streamOf(), at(0))
  const reached: number[] = []
  const whole = async (): Promise<void> => {
    for await (const { state } of run) reached.push(state.step)
  }
  await expect(whole()).rejects.toMatchObject({
    code: 'diverged',
    message: expect.stringMatching(/^after step [456] the soft prompt holds -Infinity$/),
  })
  expect(reached.every(step => step < 4)).toBe(true)
})

test('a gradient that is no number ends the run, though the loss is one', async () => {
  const calls: Call[] = []
  const trainer = trainerOf(calls)
  const advance: Trainer['advance'] = async (state, steps, rates) => ({
    ...(await trainer.advance(state, steps, rates)),
    gradNorms: new Float32Array(steps.length).fill(Number.NaN),
  })
  const run = train(specOf(), { ...trainer, advance }, streamOf(), at(0))
  await expect(run.next()).rejects.toMatchObject({
    message: expect.stringContaining('at step 1 the loss is 1 and the gradient norm NaN'),
  })
})

test('in float16 a wider range is what to try first', async () => {
  const found = all(at(0), specOf({ precision: 'float16' }), () => Number.POSITIVE_INFINITY)
  await expect(found).rejects.toMatchObject({
    fix: 'Choose precision bfloat16, whose range is that of float32, or start a new experiment from this run with a lower learning rate, or with clipping.',
  })
})
