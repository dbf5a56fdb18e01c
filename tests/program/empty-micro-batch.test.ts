// A micro-batch without labels adds nothing to its step: neither to the loss nor to what it is divided by. In the original's
// way, where every micro-batch weighs the same, it counts as one of loss 0.
import { describe, expect, test } from 'vitest'
import type { MicroBatch } from '../../src-worker/contract/batch'
import type { Lane } from '../../src-worker/stream/example'
import { autoregressive, favorFuture, pack, skipTokens } from '../../src-worker/stream/pack'
import { divisorsOf } from '../../src-worker/train/engine'
import { initialState } from '../../src-worker/train/state'
import { random, randomParameters, tinyTrainer } from './setting'

const lane = (...ids: number[]): Lane => ({
  ids: Int32Array.from(ids),
  conditions: new Float32Array(0),
  start: 0,
  document: 0,
})
const options = { promptTokens: 3 }
const packed = (one: Lane, skip = 3): MicroBatch => pack([one], skipTokens(skip), options).batch
const long = packed(lane(11, 12, 13, 14, 15, 16))
const other = packed(lane(31, 32, 33, 34, 35))
const short = packed(lane(21, 22))

const nothing: readonly (readonly [string, MicroBatch])[] = [
  ['a lane too short for its skip', short],
  ['labels of weight 0', pack([lane(11, 12, 13)], favorFuture(100), options).batch],
  [
    'no labelled token',
    pack([{ ...lane(11, 12), labelled: Uint8Array.of(0, 0) }], autoregressive, options).batch,
  ],
  ['one token and no prompt before it', pack([lane(5)], autoregressive, { promptTokens: 0 }).batch],
]

test.each(nothing)('%s has divisor 0 and one row of weight 0', (_, batch) => {
  expect([batch.divisor, ...batch.weights]).toEqual([0, 0])
})

describe('what a step divides by', () => {
  // skip 3: three labels of the long lane, two of the other
  test.each(nothing)('%s, anywhere in the step', (_, empty) => {
    expect(divisorsOf([long, empty], 'weighted')).toEqual([3, 3])
    expect(divisorsOf([empty, long, other], 'weighted')).toEqual([5, 5, 5])
    expect(divisorsOf([empty, empty], 'weighted')).toEqual([1, 1])
  })

  test('the original weighs every micro-batch the same', () => {
    expect(divisorsOf([long, other], 'original')).toEqual([6, 4])
    expect(divisorsOf([long, short], 'original')).toEqual([6, 2])
  })

  test('weights, not labels, are counted', () => {
    const weighted = pack([lane(11, 12, 13, 14)], favorFuture(0), options).batch
    expect([...weighted.weights]).toEqual([1, 2])
    expect(divisorsOf([long, weighted], 'weighted')).toEqual([6, 6])
  })
})

describe.each(['chunks', 'multi-step'] as const)('%s', strategy => {
  const shape = { type: 'direct', tokens: 3, width: 64 } as const

  test('loss and gradient are those of the step without it', async () => {
    const trainer = await tinyTrainer('tiny-neox', shape, { strategy })
    const start = initialState(randomParameters(random('p'), shape))
    const of = (...step: MicroBatch[]) => trainer.advance(start, [step], [1e-3])
    const alone = await of(long)
    for (const step of [
      [long, short],
      [short, long],
      [short, long, short],
    ]) {
      const both = await of(...step)
      expect(both.losses[0]).toBeCloseTo(alone.losses[0]!, 5)
      expect(both.gradNorms[0]! / alone.gradNorms[0]!).toBeCloseTo(1, 4)
    }
    const two = await of(long, other)
    const evaluated = await Promise.all(
      [long, other].map(b => trainer.evaluate(start.parameters, b)),
    )
    const nll = evaluated.flatMap(e => [...e.nll])
    expect(nll).toHaveLength(5)
    expect(two.losses[0]).toBeCloseTo(nll.reduce((a, b) => a + b) / 5, 4)
    const none = await of(short)
    expect([none.losses[0], none.gradNorms[0]]).toEqual([0, 0])
    await trainer.release()
  })
})
