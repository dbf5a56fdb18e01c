// A cell of a sweep is done only while everything that it was made of is as it was; what changed is named.
import { cpSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunSpec } from '../../src-worker/contract/run-spec'
import { changedSince, ingredientsNow } from '../../src-worker/train/ingredients'
import { createRun, readSummary, runFiles } from '../../src-worker/train/run-folder'
import { withSameFiles } from '../../src-worker/workbench/same-files'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { resources, runToEnd, tinySpec, writeTexts } from '../train/runs'

async function done() {
  const home = temporaryFolder()
  const model = join(home, 'model')
  cpSync(referencePath('models/tiny-neox'), model, { recursive: true })
  const testFolder = temporaryFolder()
  const testPath = writeTexts(testFolder, 40)
  const training = { steps: 2, testEvery: 0 }
  const results = { prompts: 0, metricSamples: 0 }
  const data = { path: writeTexts(home), testPath }
  const spec = tinySpec(data.path, { model, data, training, results })
  const folder = await createRun(home, spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const look = async () =>
    withSameFiles([await readSummary(folder, new Set())], [spec], { home, resources })
  return { spec, folder, look, model }
}

const append = (path: string, text: string): void =>
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from(text)]))

/** One bit of the last tensor. */
function flipLast(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 4] = (bytes[bytes.length - 4] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

test.each<[string, (spec: RunSpec, model: string) => void]>([
  ['data', spec => append(spec.data.path, '\n{"text":"one more"}')],
  ['test data', spec => append(spec.data.testPath, '\n{"text":"one more"}')],
  ['tokenizer.json', (_, model) => append(join(model, 'tokenizer.json'), ' ')],
  [
    'generation_config.json, chat_template.jinja',
    (_, model) => {
      append(join(model, 'generation_config.json'), ' ')
      writeFileSync(join(model, 'chat_template.jinja'), '{{ bos_token }}')
    },
  ],
  ['model.safetensors', (_, model) => flipLast(join(model, 'model.safetensors'))],
])('%s', async (name, change) => {
  const { spec, look, model } = await done()
  const before = await look()
  expect([before.runs.length, before.notes]).toEqual([1, []])
  change(spec, model)
  const after = await look()
  expect(after.runs).toEqual([])
  expect(after.notes).toEqual([
    expect.stringMatching(new RegExp(` any more: ${name} changed since$`)),
  ])
})

test('one byte in the middle of large data, and weights with their old times, are other files', async () => {
  const { spec, look, model } = await done()
  const { path } = spec.data
  const text = `{"text":"${'some words '.repeat(300_000)}"}\n`
  append(path, `\n${text}`)
  const { files } = await ingredientsNow(spec, { home: temporaryFolder(), resources })
  writeFileSync(path, readFileSync(path, 'utf8').replace(/(.{1500000})some/, '$1same'))
  const now = await ingredientsNow(spec, { home: temporaryFolder(), resources })
  expect(changedSince({ files, model: { files: {} } } as never, now)).toEqual([
    'middle of the data',
  ])
  const weights = join(model, 'model.safetensors')
  const { atime, mtime } = statSync(weights)
  const before = await look()
  flipLast(weights)
  utimesSync(weights, atime, mtime)
  expect([before.notes, (await look()).notes].map(notes => notes.join())).toEqual([
    expect.stringMatching(/any more: data changed since$/),
    expect.stringMatching(/any more: data, model.safetensors changed since$/),
  ])
})

test('a run of an older version is compared by what it noted: weights and data', async () => {
  const { spec, folder, look } = await done()
  const { provenance } = runFiles(folder)
  const { files: _files, ...older } = JSON.parse(readFileSync(provenance, 'utf8'))
  writeFileSync(provenance, JSON.stringify(older))
  expect((await look()).runs).toHaveLength(1)
  append(spec.data.path, '\n{"text":"one more"}')
  expect((await look()).notes[0]).toMatch(/any more: data changed since$/)
  rmSync(provenance)
  expect((await look()).runs).toHaveLength(1)
})
