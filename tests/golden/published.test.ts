// The bundled numbers of the paper are those of the author's logs. SPW_WRITE_PUBLISHED=1 makes resources/published-curves.json.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { extractCurves, publishedRuns } from '../../src-worker/analysis/published'
import { tags } from '../../src-worker/contract/metrics'
import { referencePath } from '../reference-path'

const resources = resolve(import.meta.dirname ?? __dirname, '../../resources')
const archive = referencePath('reference/published/published-tensorboard-runs.tar.zst')

test('published-curves.json is what the logs hold', async () => {
  const curves = await extractCurves(archive)
  const path = resolve(resources, 'published-curves.json')
  if (process.env.SPW_WRITE_PUBLISHED) writeFileSync(path, `${JSON.stringify(curves)}\n`)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(curves)
})

test('186 runs of six experiments, each with its final loss, test batches and training loss', async () => {
  const runs = await publishedRuns(resources)
  expect(runs).toHaveLength(186)
  expect([...new Set(runs.map(run => run.experiment))].sort()).toEqual([
    'autoregressive',
    'chat-detuning',
    'chess',
    'pathfinding',
    'repetition',
    'skip-tokens',
  ])
  for (const run of runs) {
    const batches = run.heldOut[tags.finalTestLoss]?.sums ?? []
    const average = batches.reduce((a, b) => a + b, 0) / batches.length
    expect(Math.abs(average - (run.metrics[tags.finalTestLoss] ?? 0)), run.id).toBeLessThan(1e-3)
    expect(run.trainLoss.values.length, run.id).toBe(run.steps > 0 ? 64 : 0)
  }
})
