// Blocks of queries, recomputation and padding change neither loss nor gradient; batches that do not fit.
import { expect, test } from 'vitest'
import type { MicroBatch } from '../../src-worker/contract/batch'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import type { TrainerOptions } from '../../src-worker/train/engine'
import { initialState } from '../../src-worker/train/state'
import { relativeError } from '../../src-worker/verify/golden'
import { random, randomBatch, randomParameters, tinyTrainer } from './setting'

const direct: PromptShape = { type: 'direct', tokens: 3, width: 64 }

async function gradientOf(
  batch: MicroBatch,
  options: Partial<TrainerOptions>,
  model = 'tiny-neox',
) {
  const trainer = await tinyTrainer(model, direct, options)
  const found = await trainer.gradient(randomParameters(random('p'), direct), batch)
  await trainer.release()
  return { loss: found.loss, gradient: found.gradients.get('embedding')!.data }
}

const variants: readonly (readonly [string, Partial<TrainerOptions>])[] = [
  ['two blocks of queries', { queryBlocks: () => 2 }],
  ['five blocks of queries', { queryBlocks: () => 5 }],
  ['recomputation', { recompute: true }],
  ['recomputation and three blocks', { recompute: true, queryBlocks: () => 3 }],
]
test.each(
  variants.flatMap(([name, options]) =>
    ['tiny-neox', 'tiny-neox-serial', 'tiny-llama'].map(model => ({ name, options, model })),
  ),
)('$model: $name gives the same loss and gradient', async ({ options, model }) => {
  const batch = randomBatch(random('b'), { lanes: 3, tokens: 17, promptTokens: 3 })
  const plain = await gradientOf(batch, { queryBlocks: () => 1 }, model)
  const other = await gradientOf(batch, options, model)
  expect(Math.abs(other.loss - plain.loss) / plain.loss).toBeLessThan(1e-6)
  expect(relativeError(other.gradient, plain.gradient)).toBeLessThan(1e-5)
})

test('padding of lanes, slots and rows does not change loss or gradient', async () => {
  const batch = randomBatch(random('b'), { lanes: 2, tokens: 9, promptTokens: 3 })
  const padded = paddedBatch(batch, 4, 20)
  const [a, b] = [await gradientOf(batch, {}), await gradientOf(padded, {})]
  expect(Math.abs(a.loss - b.loss) / a.loss).toBeLessThan(1e-6)
  expect(relativeError(b.gradient, a.gradient)).toBeLessThan(1e-5)
})

/** The same lanes, padded at the end, and empty lanes behind them. */
function paddedBatch(batch: MicroBatch, lanes: number, slotsPerLane: number): MicroBatch {
  const slots = new Int32Array(lanes * slotsPerLane)
  for (let b = 0; b < batch.lanes; b++)
    for (let s = 0; s < batch.slotsPerLane; s++)
      slots[b * slotsPerLane + s] = batch.slots[b * batch.slotsPerLane + s]!
  const rows = batch.rows.map(
    row => Math.floor(row / batch.slotsPerLane) * slotsPerLane + (row % batch.slotsPerLane),
  )
  return { ...batch, lanes, slotsPerLane, slots, rows }
}

test('a batch that places more prompt tokens than there are is a fault', async () => {
  const trainer = await tinyTrainer('tiny-neox', { type: 'direct', tokens: 2, width: 64 })
  const batch = randomBatch(random('b'), { lanes: 1, tokens: 9, promptTokens: 3 })
  const parameters = randomParameters(random('p'), { type: 'direct', tokens: 2, width: 64 })
  await expect(trainer.evaluate(parameters, batch)).rejects.toThrow(/prompt token 3.*has 2/)
  await trainer.release()
})

test('without labels the loss is zero, not NaN', async () => {
  const trainer = await tinyTrainer('tiny-neox', direct)
  const batch = randomBatch(random('b'), { lanes: 1, tokens: 9, promptTokens: 3 })
  const empty = {
    ...batch,
    rows: new Int32Array(0),
    labels: new Int32Array(0),
    weights: new Float32Array(0),
    divisor: 0,
  }
  const start = initialState(randomParameters(random('p'), direct))
  const { losses, gradNorms } = await trainer.advance(start, [[empty]], [1e-3])
  expect([losses[0], gradNorms[0]]).toEqual([0, 0])
  expect((await trainer.evaluate(start.parameters, empty)).loss).toBe(0)
  await trainer.release()
})
