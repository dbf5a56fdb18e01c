// The memory of a run: the fastest trade that fits, kept for its life; a fault with the fix when nothing fits.
import { readFileSync } from 'node:fs'
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
  expect(fittingTrade(spec, model, 100e9)).toEqual({ prepack: true, recompute: false })
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

test('the trade of a run stays what it was at its first start', async () => {
  const folder = temporaryFolder()
  const first = await memoryTrade(folder, spec, model)
  expect(JSON.parse(readFileSync(join(folder, 'memory.json'), 'utf8'))).toEqual(first)
  expect(
    await memoryTrade(folder, { ...spec, training: { ...spec.training, lanes: 4096 } }, model),
  ).toEqual(first)
})
