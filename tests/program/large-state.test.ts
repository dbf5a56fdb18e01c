// A large state moves to the device and back once a run call: steps of all sizes go into one call.
import { expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { ortRuntime } from '../../src-worker/session/ort'
import type { Runtime } from '../../src-worker/session/runtime'
import { initialState } from '../../src-worker/train/state'
import { relativeError } from '../../src-worker/verify/golden'
import { random, randomBatch, randomParameters, tinyTrainer } from './setting'

const shape: PromptShape = {
  type: 'mlp',
  tokens: 70,
  width: 64,
  conditions: 2,
  hiddenLayers: 0,
  hiddenWidth: 900,
}

/** Counts the run calls of training. */
function counting(): { readonly runtime: Runtime; readonly calls: () => number } {
  const inner = ortRuntime({ threads: 1 })
  let calls = 0
  const open: Runtime['open'] = async (...args) => {
    const session = await inner.open(...args)
    const run: typeof session.run = (feeds, outputs) => {
      if (feeds.rate !== undefined) calls++
      return session.run(feeds, outputs)
    }
    return { ...session, run }
  }
  return { runtime: { ...inner, open }, calls: () => calls }
}

test('steps of different sizes are one run call, and what they are alone', async () => {
  const r = random('large state')
  const steps = [9, 14, 11].map((tokens, i) => [
    randomBatch(r, { lanes: 2, tokens, promptTokens: 70, conditions: 2, labelled: 4 + i }),
  ])
  const rates = steps.map(() => 1e-3)
  const start = initialState(randomParameters(random('p'), shape))
  const { runtime, calls } = counting()
  const options = { runtime, strategy: 'multi-step', laneLength: 16 } as const
  const whole = await tinyTrainer('tiny-neox', shape, options)
  const together = await whole.advance(start, steps, rates)
  expect(calls()).toBe(1)
  let alone = start
  for (const step of steps) alone = (await whole.advance(alone, [step], [1e-3])).state
  await whole.release()
  const name = 'to_embedding.weight'
  // not toEqual: a failure would print millions of numbers
  const [a, b] = [together.state.parameters.get(name)!.data, alone.parameters.get(name)!.data]
  expect(Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer))).toBe(0)

  const chunks = await tinyTrainer('tiny-neox', shape)
  const reference = await chunks.advance(start, steps, rates)
  await chunks.release()
  expect(relativeError(together.losses, reference.losses)).toBeLessThan(1e-5)
  expect(relativeError(together.gradNorms, reference.gradNorms)).toBeLessThan(1e-4)
})

test('the crossing is timed where the state is large and leaves the host', async () => {
  const state = initialState(randomParameters(random('p'), shape))
  const multiStep = await tinyTrainer('tiny-neox', shape, { strategy: 'multi-step' })
  expect(await multiStep.transfer(state)).toBeGreaterThan(0)
  await multiStep.release()
  const chunks = await tinyTrainer('tiny-neox', shape)
  expect(await chunks.transfer(state)).toBe(0)
  const small: PromptShape = { type: 'direct', tokens: 3, width: 64 }
  const direct = await tinyTrainer('tiny-neox', small, { strategy: 'multi-step' })
  expect(await direct.transfer(initialState(randomParameters(random('p'), small)))).toBe(0)
  await chunks.release()
  await direct.release()
})
