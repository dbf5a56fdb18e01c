// What a GPU gains by larger arrays changes no training: merged micro-batches and sizes rounded up to levels, on the CPU.
import { expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { initialState } from '../../src-worker/train/state'
import { relativeError } from '../../src-worker/verify/golden'
import { random, randomBatch, randomParameters, tinyTrainer } from './setting'

const width = 64
const shapes: readonly PromptShape[] = [
  { type: 'direct', tokens: 4, width },
  { type: 'mlp', tokens: 4, width, conditions: 2, hiddenLayers: 1, hiddenWidth: 32 },
]

test.each(shapes)(
  '$type: four micro-batches merged by twos, lanes padded to levels',
  async shape => {
    const draw = random('merged')
    const conditions = shape.type === 'direct' ? 0 : 2
    const steps = Array.from({ length: 3 }, (_, k) =>
      Array.from({ length: 4 }, () =>
        randomBatch(draw, { lanes: 2, tokens: 9 + k, promptTokens: 4, conditions }),
      ),
    )
    const rates = steps.map(() => 1e-2)
    const run = async (options: Parameters<typeof tinyTrainer>[2]) => {
      const trainer = await tinyTrainer('tiny-neox', shape, options)
      const start = initialState(randomParameters(random('p'), shape))
      const done = await trainer.advance(start, steps, rates)
      await trainer.release()
      return done
    }
    const plain = await run({ strategy: 'chunks' })
    const merged = await run({ strategy: 'multi-step', merged: 2, laneLength: 16 })
    expect(relativeError(merged.losses, plain.losses)).toBeLessThan(1e-6)
    for (const [name, { data }] of plain.state.parameters)
      expect(relativeError(merged.state.parameters.get(name)!.data, data)).toBeLessThan(1e-4)
  },
)
