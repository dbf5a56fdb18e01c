// The memory of a run: the fastest trade that fits, kept for its life; a fault with the fix when nothing fits.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  fittingAccumulation,
  fittingTrade,
  memoryOf,
  memoryTrade,
} from '../../src-worker/train/memory'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { temporaryFolder } from '../temporary'
import { resources, tinySpec } from './runs'

const model = await openModelFolder(join(resources, 'models', 'workbench-demo-base'))
const spec = tinySpec('demo', { training: { lanes: 32, accumulation: 1, length: 256 } })

test('with memory enough weights are packed and nothing is computed twice', () => {
  expect(fittingTrade(spec, model, 100e9)).toEqual({
    ...{ prepack: true, recompute: false },
    ...{ testsApart: false, merged: 1 },
  })
})

test('a little less: unpacked; then nothing fits, and the fault has both numbers and the accumulation', () => {
  const { totalBytes } = memoryOf(spec, model)
  expect(fittingTrade(spec, model, totalBytes - 1)).toMatchObject({ prepack: false })
  expect(() => fittingTrade(spec, model, 1e6)).toThrow(/needs about \d\.\d GB, 0\.0 GB are free/)
})

test('the accumulation that fits divides the lanes and is the least', () => {
  const { totalBytes } = memoryOf(spec, model)
  expect(fittingAccumulation(spec, model, totalBytes)).toBe(1)
  expect(fittingAccumulation(spec, model, 1e6)).toBeNull()
})

test('of the divisors of the lanes, the first whose memory is free', () => {
  const lanes = 12
  const needed = (accumulation: number): number =>
    memoryOf({ ...spec, training: { ...spec.training, lanes, accumulation } }, model).totalBytes
  const fitting = (free: number, accumulation = 1): number | null =>
    fittingAccumulation(
      { ...spec, training: { ...spec.training, lanes, accumulation } },
      model,
      free,
    )
  // by hand: 1, 2, 3, 4, 6 and 12 divide 12; a micro-batch has 12, 6, 4, 3, 2 and 1 lanes then
  expect([1, 2, 3, 4, 6, 12].map(a => fitting(needed(a)))).toEqual([1, 2, 3, 4, 6, 12])
  expect(fitting(needed(4) - 1)).toBe(6)
  expect(fitting(needed(12) - 1)).toBeNull()
  // what is asked for is kept where it fits, and never made less
  expect(fitting(needed(1), 4)).toBe(4)
})

test('a prompt in a subspace brings its projection: 20 bytes for each number of its rows, twice', () => {
  const rows = { tokens: 512, init: { kind: 'vocabulary' } } as const
  const direct = memoryOf({ ...spec, prompt: { type: 'direct', ...rows } }, model)
  const prompt = { type: 'subspace', ...rows, dimensions: 64, projection: 0 } as const
  const sub = memoryOf({ ...spec, prompt }, model)
  const { hiddenSize } = model.config
  expect(sub.weightsBytes - direct.weightsBytes).toBe(2 * 20 * 512 * hiddenSize)
  // beside it 64 numbers more, with moments and gradients
  expect(sub.totalBytes - direct.totalBytes).toBeGreaterThanOrEqual(2 * 20 * 512 * hiddenSize)
})

test('slots are text and prompt together', () => {
  const bytes = (length: number, tokens: number): number => {
    const prompt = { ...spec.prompt, tokens } as typeof spec.prompt
    const training = { ...spec.training, length, lanes: 4, accumulation: 1 }
    return memoryOf({ ...spec, prompt, training }, model).totalBytes
  }
  // a prompt of 64 more tokens costs at least what 64 more tokens of text cost in hidden states; all lanes at once
  expect(bytes(64, 68) - bytes(64, 4)).toBeGreaterThan((bytes(128, 4) - bytes(64, 4)) / 4)
})

test('the trade of a run stays what it was at its first start', async () => {
  const folder = temporaryFolder()
  const first = await memoryTrade(folder, spec, model)
  expect(JSON.parse(readFileSync(join(folder, 'memory.json'), 'utf8'))).toEqual(first)
  expect(
    await memoryTrade(folder, { ...spec, training: { ...spec.training, lanes: 4096 } }, model),
  ).toEqual(first)
  // it decides the last bits of the run: it is not chosen anew without a word
  writeFileSync(join(folder, 'memory.json'), '{"prepack":')
  await expect(memoryTrade(folder, spec, model)).rejects.toMatchObject({ code: 'bad-file' })
})
