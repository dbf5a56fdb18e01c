// Training data as a code, on a tiny model: laws that hold whatever the model is.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { measureCodeLength } from '../../src-worker/train/code-length'
import { readCodeLength } from '../../src-worker/train/kept-bits'
import { createRun } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { losses, resources, runToEnd, tinySpec } from './runs'

const small = { results: { prompts: 0, metricSamples: 0 }, training: { checkpointEvery: 0 } }

/** @param documents of 24 tokens and more: one lane each, cut to 16 */
async function measured(documents: number, changes: RunSpecInput) {
  const home = temporaryFolder()
  const path = join(home, 'texts.jsonl')
  const text = (i: number): string =>
    Array.from({ length: 12 }, (_, k) => 'abcdefghij'[(i * 7 + k * 3) % 10]).join(' ')
  writeFileSync(
    path,
    Array.from({ length: documents }, (_, i) => JSON.stringify({ text: `${i} ${text(i)}` })).join(
      '\n',
    ),
  )
  const training = {
    steps: 8,
    lanes: 4,
    accumulation: 2,
    length: 64,
    testEvery: 0,
    finalTestBatches: 0,
  }
  const spec = tinySpec(path, {
    ...small,
    start: { kind: 'index', index: 0 },
    ...changes,
    training: { ...small.training, ...training, ...changes.training },
  })
  const folder = await createRun(home, spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const options = { home, resources, threads: 1, signal: new AbortController().signal }
  const quiet = { onProgress: () => undefined, onShare: () => undefined }
  return { folder, measure: () => measureCodeLength(folder, { ...options, ...quiet }) }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

test('a prompt that hardly moves pays nothing: each label costs at first sight what it costs at the end', async () => {
  const { folder, measure } = await measured(120, { optimizer: { learningRate: 1e-9 } })
  const code = await measure()
  expect(code.labels).toHaveLength(8)
  for (const [i, x] of code.first.entries()) expect(x / (code.final[i] ?? 0)).toBeCloseTo(1, 4)
  // what training logged, in nats a label
  const logged = losses(folder).filter(([, tag]) => tag === 'Loss')
  expect(code.first.map((x, i) => x / (code.labels[i] ?? 0))).toEqual(
    logged.map(([, , loss]) => expect.closeTo(Number(loss), 9)),
  )
  expect(await readCodeLength(folder, 8)).toEqual(code)
  // trained on since: another prompt
  expect(await readCodeLength(folder, 9)).toBeNull()
}, 60_000)

test('what is seen again is left out, and a prompt that learnt is cheaper at the end', async () => {
  // 20 % are held out; 4 lanes a step: each step but the last sees four new records
  const { measure } = await measured(24, {
    optimizer: { learningRate: 0.3 },
    training: { steps: 12 },
  })
  const code = await measure()
  expect(code.labels.length).toBeGreaterThan(2)
  expect(code.labels.length).toBeLessThan(6)
  expect(sum(code.final)).toBeLessThan(sum(code.first))
  for (const series of [code.first, code.final, code.none])
    expect(series).toHaveLength(code.labels.length)
}, 60_000)

test('a run that starts from a snapshot has seen its data', async () => {
  const { folder } = await measured(60, {})
  const again = await measured(60, {
    prompt: {
      type: 'direct',
      tokens: 3,
      init: { kind: 'snapshot', path: join(folder, 'snapshot.safetensors') },
    },
  })
  await expect(again.measure()).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(
      /starts from a snapshot, which may have seen these data before$/,
    ),
  })
}, 60_000)
