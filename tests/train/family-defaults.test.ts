// The prompt that a person gets who says nothing of its beginning trains on every family: a zero row, for instance, has no
// gradient in a model without biases.
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { createRun, readSummary } from '../../src-worker/train/run-folder'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { runToEnd, writeTexts } from './runs'

const models = referencePath('reference/families/models')

test.each(readdirSync(models).sort())('%s', async name => {
  const home = temporaryFolder()
  const path = writeTexts(home, 40)
  const spec = resolveSpec({
    ...{ experiment: { kind: 'autoregressive' }, model: `${models}/${name}`, device: 'cpu' },
    ...{ data: { path, holdout: 0.2 }, prompt: { type: 'direct', tokens: 2 } },
    training: { steps: 3, lanes: 2, accumulation: 1, length: 8, testEvery: 0, finalTestBatches: 1 },
    results: { prompts: 0, metricSamples: 0 },
  })
  const folder = await createRun(home, spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const { metrics } = await readSummary(folder, new Set())
  const loss = metrics.Loss
  expect(Number.isFinite(loss?.min) && Number.isFinite(loss?.max)).toBe(true)
  expect(loss?.max).not.toBe(loss?.min)
})
