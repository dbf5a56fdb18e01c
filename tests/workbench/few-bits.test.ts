// What learned with matrices in few bits is used with them: made again when they are gone, never the full ones instead.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { runToEnd, tinySpec, writeTexts } from '../train/runs'
import { openEngine } from './open-engine'

const short = { training: { steps: 1, accumulation: 1, finalTestBatches: 1 } } as const

/** Files of models in few bits that a playground made, to write with the soft prompt of a run. */
async function madeFor(weights: 'full' | 'int4'): Promise<readonly string[]> {
  const home = temporaryFolder()
  const results = { prompts: 0, metricSamples: 0 }
  const spec = tinySpec(writeTexts(home), { ...short, results, weights })
  const folder = await createRun(home, spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const kept = join(home, 'quantised')
  rmSync(kept, { recursive: true, force: true })
  const { call } = await openEngine(home)
  const { samples } = await call('sample', {
    ...{ request: 'r', prompt: 'the of and', softPromptAt: 'start', conditions: [], samples: 1 },
    ...{ seed: 0, messages: [], top: 3 },
    promptedModel: { model: spec.model, snapshot: runFiles(folder).snapshot, startToken: false },
    sampling: { maxTokens: 3, temperature: 0 },
  })
  expect(samples[0]!.tokens.length).toBeGreaterThan(0)
  return existsSync(kept) ? readdirSync(kept) : []
}

test('a playground opens the weights of the run', async () => {
  expect(await madeFor('int4')).toEqual([
    expect.stringMatching(/^tiny-neox-int4-32-[0-9a-f]{12}\.safetensors$/),
    expect.stringMatching(/\.safetensors\.json$/),
  ])
  expect(await madeFor('full')).toEqual([])
})
