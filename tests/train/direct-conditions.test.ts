// Prompts that are the same for every example, in behaviours that give conditions: they train, are sampled and measured.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { temporaryFolder } from '../temporary'
import { resources, runToEnd } from './runs'

const prompts = {
  trained: { steps: 1, prompt: { type: 'direct', tokens: 2 } },
  'a text': { steps: 0, prompt: { type: 'direct', tokens: 2, init: { kind: 'text', text: 'e4' } } },
} as const

const experiments = { chess: 'demo', pathfinding: '' } as const

const cases = Object.entries(experiments).flatMap(([kind, path]) =>
  Object.entries(prompts).map(([name, asked]) => ({ kind, path, name, ...asked })),
)

test.each(cases)('$kind, $name', async ({ kind, path, prompt, steps }) => {
  const spec = resolveSpec({
    experiment: { kind } as RunSpecInput['experiment'],
    model: join(resources, 'models/workbench-demo-base'),
    ...(path === '' ? {} : { data: { path } }),
    prompt: prompt as RunSpecInput['prompt'],
    training: { steps, lanes: 2, accumulation: 1, length: 144, finalTestBatches: 1 },
    results: { prompts: 2, maxTokens: 3, metricSamples: 2 },
  })
  const home = temporaryFolder()
  const folder = await createRun(join(home, 'runs'), spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const [first] = readFileSync(runFiles(folder).results, 'utf8').split('\n')
  expect(JSON.parse(first!).conditions.length).toBeGreaterThan(0)
  const { metadata } = await openSnapshot(runFiles(folder).snapshot)
  expect(metadata.conditionNames).toEqual([])
})
