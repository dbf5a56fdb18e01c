// Samples at the end of a run: how many prompts are continued at once.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ModelFolder } from '../../src-worker/contract/model'
import type { RunInputs } from '../../src-worker/train/prepare'
import { promptsTogether } from '../../src-worker/train/results'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { resources, tinySpec } from './runs'

const small = await openModelFolder(join(resources, 'models', 'workbench-demo-base'))
const sized = (layers: number, heads: number, headDim: number): ModelFolder => ({
  ...small,
  config: { ...small.config, layers, heads, kvHeads: heads, headDim },
})

test.each([
  ['the demo model', small, 8],
  ['the 160m shape', sized(12, 12, 64), 5],
  ['the 1.4b shape', sized(24, 16, 128), 1],
])('%s: as many as keep their caches below 256 MB, one at least', (_, model, expected) => {
  const spec = tinySpec('demo', { results: { maxTokens: 128 } })
  const shape = { type: 'direct', tokens: 16, width: model.config.hiddenSize }
  const prepared = { model, spec, shape } as unknown as RunInputs
  expect(promptsTogether(prepared, 160)).toBe(expected)
})
