// Laws of training: how steps are cut into run calls changes nothing.
import { expect, test } from 'vitest'
import type { MicroBatch } from '../../src-worker/contract/batch'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { initialState, type TrainState } from '../../src-worker/train/state'
import type { Trainer } from '../../src-worker/train/trainer'
import { relativeError } from '../../src-worker/verify/golden'
import { optimizer, random, randomBatch, randomParameters, tinyTrainer } from './setting'

const direct: PromptShape = { type: 'direct', tokens: 3, width: 64 }
const mlp: PromptShape = {
  type: 'mlp',
  tokens: 3,
  width: 64,
  conditions: 2,
  hiddenLayers: 1,
  hiddenWidth: 8,
}

const bits = (state: TrainState): string =>
  [...state.parameters.values(), ...state.m.values(), ...state.v.values()]
    .map(p => Buffer.from(p.data.buffer, p.data.byteOffset, p.data.byteLength).toString('base64'))
    .join()

function someSteps(count: number, micro: number, conditions = 0): readonly MicroBatch[][] {
  const r = random('steps')
  return Array.from({ length: count }, (_, k) =>
    Array.from({ length: micro }, () =>
      randomBatch(r, { lanes: 2, tokens: 9 + (k % 3 === 0 ? 2 : 0), promptTokens: 3, conditions }),
    ),
  )
}

async function advanced(
  trainer: Trainer,
  state: TrainState,
  steps: readonly MicroBatch[][],
  k: number,
) {
  let now = state
  const losses: number[] = []
  for (let i = 0; i < steps.length; i += k) {
    const part = steps.slice(i, i + k)
    const result = await trainer.advance(
      now,
      part,
      part.map(() => 1e-2),
    )
    now = result.state
    losses.push(...result.losses)
  }
  return { state: now, losses }
}

const strategies = ['chunks', 'multi-step'] as const
test.each(
  strategies.flatMap(strategy => [
    { strategy, shape: direct, model: 'tiny-neox' },
    { strategy, shape: mlp, model: 'tiny-llama' },
  ]),
)('$strategy, $model $shape.type: 12 steps, 1 by 1, 5 by 5 agree bit for bit', async c => {
  const trainer = await tinyTrainer(c.model, c.shape, { strategy: c.strategy })
  const steps = someSteps(12, 2, c.shape.type === 'direct' ? 0 : 2)
  const runs = []
  for (const k of [12, 1, 5]) {
    const start = initialState(randomParameters(random('p'), c.shape))
    runs.push(await advanced(trainer, start, steps, k))
  }
  expect(new Set(runs.map(r => bits(r.state))).size).toBe(1)
  expect(new Set(runs.map(r => r.losses.join())).size).toBe(1)
  await trainer.release()
})

test('K steps in one run and one micro-batch a run are the same training', async () => {
  const steps = someSteps(8, 2, 2)
  const [a, b] = await Promise.all(
    strategies.map(async strategy => {
      const trainer = await tinyTrainer('tiny-neox', mlp, { strategy })
      const start = initialState(randomParameters(random('p'), mlp))
      const run = await advanced(trainer, start, steps, 8)
      await trainer.release()
      return run
    }),
  )
  expect(relativeError(a!.losses, b!.losses)).toBeLessThan(1e-6)
  for (const [name, { data }] of a!.state.parameters)
    expect(relativeError(data, b!.state.parameters.get(name)!.data)).toBeLessThan(1e-4)
})

test.each([{ blocks: 1 }, { blocks: 3 }])(
  'what lies before the prompts goes without a backward pass, and the gradient is the same: $blocks blocks',
  async ({ blocks }) => {
    for (const model of ['tiny-neox', 'tiny-neox-serial', 'tiny-llama-tied']) {
      const r = random('late')
      const late = (start: number) =>
        randomBatch(r, { lanes: 2, tokens: 30, promptTokens: 3, start, labelled: 9 })
      const step = [late(12), late(0), late(20)]
      const [a, b] = await Promise.all(
        strategies.map(async strategy => {
          const trainer = await tinyTrainer(model, direct, { strategy, queryBlocks: () => blocks })
          const start = initialState(randomParameters(random('p'), direct))
          const run = await trainer.advance(start, [step], [1e-3])
          await trainer.release()
          return { loss: run.losses[0]!, m: run.state.m.get('embedding')!.data }
        }),
      )
      expect(a!.loss / b!.loss).toBeCloseTo(1, 5)
      expect(relativeError(a!.m, b!.m)).toBeLessThan(1e-5)
    }
  },
)

test('an empty prefix changes no bit', async () => {
  const r = random('empty prefix')
  const at = (start: number) =>
    randomBatch(r, { lanes: 2, tokens: 30, promptTokens: 3, start, labelled: 9 })
  const [early, late] = [at(0), at(15)]
  const start = initialState(randomParameters(random('p'), direct))
  const fresh = await tinyTrainer('tiny-llama', direct)
  const plain = await fresh.advance(start, [[early]], [1e-3])
  await fresh.advance(start, [[late]], [1e-3])
  const again = await fresh.advance(start, [[early]], [1e-3])
  expect(bits(again.state)).toBe(bits(plain.state))
  await fresh.release()
})

test('a large state is updated in place, and as a small one would be', async () => {
  const large: PromptShape = { ...mlp, hiddenLayers: 0, tokens: 1100, hiddenWidth: 240 }
  const parameters = randomParameters(random('large'), large)
  const start = initialState(parameters)
  const before = parameters.get('to_embedding.weight')!.data
  const old = before.slice()
  const batch = randomBatch(random('b'), {
    lanes: 1,
    tokens: 8,
    promptTokens: 1100,
    conditions: 2,
    start: 0,
  })
  const trainer = await tinyTrainer('tiny-neox', large)
  const { gradients } = await trainer.gradient(parameters, batch)
  const { state } = await trainer.advance(start, [[batch]], [1e-2])
  await trainer.release()
  const after = state.parameters.get('to_embedding.weight')!.data
  // not toBe: a failure would print 17 million numbers
  expect(after.buffer === before.buffer).toBe(true)
  const g = gradients.get('to_embedding.weight')!.data
  // the first step of AdamW: sign(g)·rate, and decay
  let worst = 0
  for (let i = 0; i < g.length; i++) {
    const expected = old[i]! - 1e-2 * (g[i]! / (Math.abs(g[i]!) + 1e-8) + 1e-4 * old[i]!)
    worst = Math.max(worst, Math.abs(expected - after[i]!))
  }
  expect(worst).toBeLessThan(1e-5)
})

test('the old state is left as it was', async () => {
  const trainer = await tinyTrainer('tiny-neox', direct)
  const start = initialState(randomParameters(random('p'), direct))
  const before = bits(start)
  await advanced(trainer, start, someSteps(2, 1), 2)
  expect(bits(start)).toBe(before)
  await trainer.release()
})

test('the loss of one batch falls to nearly nothing', async () => {
  const trainer = await tinyTrainer('tiny-llama', { type: 'direct', tokens: 8, width: 64 })
  const batch = randomBatch(random('one'), {
    lanes: 1,
    tokens: 6,
    promptTokens: 8,
    start: 0,
    labelled: 2,
  })
  const steps = Array.from({ length: 400 }, () => [batch])
  const start = initialState(
    randomParameters(random('p'), { type: 'direct', tokens: 8, width: 64 }),
  )
  const { losses } = await trainer.advance(
    start,
    steps,
    steps.map(() => 3e-2),
  )
  expect(losses[0]).toBeGreaterThan(2)
  expect(losses[399]).toBeLessThan(0.2)
  await trainer.release()
})

test('weighted: a step of unequal micro-batches is the step of all their lanes together', async () => {
  const r = random('unequal')
  const parts = [3, 7].map(labelled =>
    randomBatch(r, { lanes: 2, tokens: 9, promptTokens: 3, start: 0, labelled }),
  )
  const trainer = await tinyTrainer('tiny-neox', direct)
  const start = initialState(randomParameters(random('p'), direct))
  const apart = await trainer.advance(start, [parts], [1e-3])
  const together = await trainer.advance(start, [[joinedBatch(parts)]], [1e-3])
  expect(apart.losses[0]).toBeCloseTo(together.losses[0]!, 5)
  expect(apart.gradNorms[0]! / together.gradNorms[0]!).toBeCloseTo(1, 5)
  const original = await tinyTrainer('tiny-neox', direct, { mode: 'original' })
  const means = await Promise.all(
    parts.map(async p => (await original.evaluate(start.parameters, p)).loss),
  )
  const seed = await original.advance(start, [parts], [1e-3])
  expect(seed.losses[0]).toBeCloseTo((means[0]! + means[1]!) / 2, 5)
  await trainer.release()
  await original.release()
})

function joinedBatch(parts: readonly MicroBatch[]): MicroBatch {
  const [a, b] = parts as readonly [MicroBatch, MicroBatch]
  const offset = a.lanes * a.slotsPerLane
  return {
    ...a,
    lanes: a.lanes + b.lanes,
    slots: Int32Array.from([...a.slots, ...b.slots]),
    rows: Int32Array.from([...a.rows, ...b.rows.map(row => row + offset)]),
    labels: Int32Array.from([...a.labels, ...b.labels]),
    weights: Float32Array.from([...a.weights, ...b.weights]),
    divisor: a.divisor + b.divisor,
  }
}

test('clipping bounds the step but not the reported norm', async () => {
  const start = initialState(randomParameters(random('p'), direct))
  const steps = someSteps(1, 1)
  const momentOf = async (clipNorm: number) => {
    const trainer = await tinyTrainer('tiny-neox', direct, {
      optimizer: { ...optimizer, clipNorm },
    })
    const { state, gradNorms } = await trainer.advance(start, steps, [1e-3])
    await trainer.release()
    return { m: state.m.get('embedding')!.data, norm: gradNorms[0]! }
  }
  const [free, clipped] = [await momentOf(0), await momentOf(0.01)]
  expect(clipped.norm).toBe(free.norm)
  const length = Math.hypot(...clipped.m) / (1 - optimizer.beta1)
  expect(length).toBeCloseTo(0.01, 5)
})
