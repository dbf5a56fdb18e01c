// Laws of training with float16 products, on a CPU that rounds like a GPU (half-runtime.ts).
import { describe, expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { backward } from '../../src-worker/graph/backward'
import { toOnnx } from '../../src-worker/graph/onnx'
import { cast, mul } from '../../src-worker/graph/ops/elementwise'
import { matmul } from '../../src-worker/graph/ops/linear'
import { sum } from '../../src-worker/graph/ops/reduce'
import { float32 } from '../../src-worker/graph/tensor'
import { floats, input, type Value } from '../../src-worker/graph/value'
import { lossScales, scaledBackward } from '../../src-worker/program/loss-scale'
import type { Runtime } from '../../src-worker/session/runtime'
import { initialState } from '../../src-worker/train/state'
import { relativeError } from '../../src-worker/verify/golden'
import { halfRuntime } from './half-runtime'
import { random, randomBatch, randomParameters, tinyTrainer } from './setting'

const a = input('a', 'float32', ['N', 2])
const b = input('b', 'float32', [2, 'M'])
const half = (x: Value): Value => cast(x, 'float16')

async function computed(outputs: Record<string, Value>, x: number, y: number) {
  const session = await halfRuntime().open(toOnnx({ inputs: [a, b], outputs }).bytes, undefined)
  const feeds = {
    a: float32([1, 2], Float32Array.of(x, 0)),
    b: float32([2, 1], Float32Array.of(y, 0)),
  }
  const found = await session.run(feeds)
  await session.release()
  return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data[0]]))
}

test.each([
  ['an entry', 1 + 2 ** -12, 1, 1],
  ['a small factor', 1e-8, 1, 0],
  ['a small product', 2 ** -14, 2 ** -14, 0],
  ['a large product', 1e4, 1e2, Number.POSITIVE_INFINITY],
])('this CPU rounds to float16: %s', async (_, x, y, expected) => {
  const product = cast(matmul(half(a), half(b)), 'float32')
  expect((await computed({ product }, x, y)).product).toBe(expected)
})

test('a gradient below the range of float16 comes through when it is scaled', async () => {
  const hidden = cast(matmul(half(a), half(b)), 'float32')
  const loss = sum(mul(hidden, 1e-9))
  const [plain] = backward(loss, [a])
  const [scaled] = scaledBackward(loss, hidden, [a], floats([], [lossScales[0]!]))
  const found = await computed({ plain: plain!, scaled: scaled! }, 0.5, 0.25)
  expect(found.plain).toBe(0)
  expect(Number(found.scaled) / 0.25e-9).toBeCloseTo(1, 6)
})

const direct: PromptShape = { type: 'direct', tokens: 3, width: 64 }
const mlp: PromptShape = {
  type: 'mlp',
  tokens: 3,
  width: 64,
  conditions: 2,
  hiddenLayers: 1,
  hiddenWidth: 8,
}
const strategies = ['chunks', 'multi-step'] as const
const float16 = (runtime: Runtime) => ({ runtime, precision: 'float16' as const })

describe.each([
  { model: 'tiny-neox', shape: direct },
  { model: 'tiny-llama', shape: mlp },
])('$model, $shape.type', ({ model, shape }) => {
  const conditions = shape.type === 'direct' ? 0 : 2
  const batch = randomBatch(random('b'), { lanes: 3, tokens: 17, promptTokens: 3, conditions })
  const parameters = randomParameters(random('p'), shape)

  test.each([1, 1e6])(
    'the gradient is that of float32, each label weighing 1/%d as much',
    async less => {
      const light = { ...batch, divisor: batch.divisor * less }
      const exact = await tinyTrainer(model, shape)
      const rounded = await tinyTrainer(model, shape, float16(halfRuntime()))
      const [e, r] = [
        await exact.gradient(parameters, light),
        await rounded.gradient(parameters, light),
      ]
      await exact.release()
      await rounded.release()
      expect(Math.abs(e.loss - r.loss) / e.loss).toBeLessThan(1e-3)
      for (const [name, { data }] of e.gradients) {
        const error = relativeError(r.gradients.get(name)!.data, data)
        expect(error).toBeLessThan(1e-2)
        // it was rounded at all
        expect(error).toBeGreaterThan(1e-5)
      }
    },
  )

  test.each(strategies)(
    '%s: three steps at once and one by one agree bit for bit',
    async strategy => {
      const trainer = await tinyTrainer(model, shape, { ...float16(halfRuntime()), strategy })
      const steps = [[batch], [batch, batch], [batch]]
      const rates = steps.map(() => 1e-2)
      const together = await trainer.advance(initialState(parameters), steps, rates)
      let state = initialState(parameters)
      for (const step of steps) state = (await trainer.advance(state, [step], [1e-2])).state
      await trainer.release()
      expect(together.gradNorms.every(norm => norm > 0 && Number.isFinite(norm))).toBe(true)
      for (const part of ['parameters', 'm', 'v'] as const)
        expect(state[part]).toEqual(together.state[part])
    },
  )
})

/** Pretends that step 1 of a run call overflows from loss scales above `limit`. */
function overflowing(limit: number, seen: number[][]): Runtime {
  const runtime = halfRuntime()
  return {
    ...runtime,
    open: async (...args) => {
      const session = await runtime.open(...args)
      return {
        ...session,
        run: async (feeds, outputs) => {
          const lossScale = [...(feeds.lossScale!.data as Float32Array)]
          seen.push(lossScale)
          const found = await session.run(feeds, outputs)
          if (lossScale[1]! > limit) (found.gradNorms!.data as Float32Array)[1] = Number.NaN
          return found
        },
      }
    },
  }
}

test.each([
  { limit: 0.1, tries: lossScales.slice(0, 2), finite: true },
  { limit: 0, tries: lossScales, finite: false },
])('a step that overflows is computed again with a smaller loss scale: above $limit', async c => {
  const seen: number[][] = []
  const options = { ...float16(overflowing(c.limit, seen)), strategy: 'multi-step' as const }
  const trainer = await tinyTrainer('tiny-neox', direct, options)
  const batch = randomBatch(random('b'), { lanes: 2, tokens: 9, promptTokens: 3 })
  const start = initialState(randomParameters(random('p'), direct))
  const { gradNorms, state, overflowRetries } = await trainer.advance(
    start,
    [[batch], [batch]],
    [1e-2, 1e-2],
  )
  await trainer.release()
  expect(seen).toEqual(c.tries.map(lossScale => [lossScales[0], lossScale]))
  expect(state.step).toBe(2)
  expect(overflowRetries).toBe(c.tries.length - 1)
  expect([...gradNorms].every(Number.isFinite)).toBe(c.finite)
})
