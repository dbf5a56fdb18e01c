// A run whose loss is no number says so, at which step, and what can be done; what was good is kept.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkpointsOf, createRun, runFiles } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { changed } from '../weights/changed-model'
import { runToEnd, tinySpec, writeTexts } from './runs'

test('a run that diverges fails at the step, and keeps the last good checkpoint', async () => {
  const home = temporaryFolder()
  const folder = await createRun(
    home,
    tinySpec(writeTexts(home), { optimizer: { learningRate: 1e30 } }),
  )
  const { state } = await runToEnd(folder, home)
  expect(state).toMatchObject({ kind: 'failed', fault: { code: 'diverged' } })
  if (state.kind === 'failed')
    expect(state.fault.message).toMatch(/at step \d+ the loss is (NaN|-?Infinity)/)
  expect(existsSync(runFiles(folder).snapshot)).toBe(false)
  const kept = (await checkpointsOf(folder)).at(-1)?.step ?? 0
  expect(kept).toBeGreaterThan(0)
  expect(state).toMatchObject({
    fault: { fix: `Fork it from step ${kept} with a lower learning rate, or with clipping.` },
  })
})

test('weights that are no numbers are reported before anything was trained', async () => {
  const home = temporaryFolder()
  const model = await changed('tiny-neox', {})
  const weights = join(model, 'model.safetensors')
  const bytes = readFileSync(weights)
  // the last float32 of the last tensor
  bytes.fill(0xff, bytes.length - 4)
  writeFileSync(weights, bytes)
  const folder = await createRun(home, tinySpec(writeTexts(home), { model }))
  const { state } = await runToEnd(folder, home)
  expect(state).toMatchObject({
    kind: 'failed',
    fault: { code: 'diverged', fix: expect.stringMatching(/^Check the weights of the model/) },
  })
})
