// Samples at the end of a run: how many prompts are continued at once, and which answer is whose.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ModelFolder } from '../../src-worker/contract/model'
import type { RunInputs } from '../../src-worker/train/prepare'
import { promptsTogether } from '../../src-worker/train/results'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { temporaryFolder } from '../temporary'
import { openEngine } from '../workbench/open-engine'
import { resources, runToEnd, tinySpec, writeTexts } from './runs'

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

test('`prompted` is what the snapshot writes, `baseline` what the bare model does', async () => {
  const home = temporaryFolder()
  const results = { prompts: 2, maxTokens: 5, temperature: 0, metricSamples: 0 }
  const spec = tinySpec(writeTexts(home), { results, optimizer: { learningRate: 0.5 } })
  const folder = await createRun(home, spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const { results: file, snapshot } = runFiles(folder)
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const { call } = await openEngine(home)
  const written = async (prompt: string, by: string): Promise<string> => {
    const { samples } = await call('sample', {
      ...{ request: 'r', prompt, softPromptAt: spec.results.softPromptAt, conditions: [] },
      ...{ samples: 1, seed: 0, messages: [], top: 0, date: '' },
      promptedModel: { model: spec.model, snapshot: by, startToken: false },
      sampling: { maxTokens: 5, temperature: 0 },
    })
    return samples[0]?.text ?? ''
  }
  const answers = rows.filter(({ prompted }) => prompted !== undefined)
  expect(answers).toHaveLength(2)
  for (const { prompt, prompted, baseline } of answers) {
    expect(prompted).not.toBe(baseline)
    expect(prompted.trim()).toBe((await written(prompt, snapshot)).trim())
    expect(baseline.trim()).toBe((await written(prompt, '')).trim())
  }
})
