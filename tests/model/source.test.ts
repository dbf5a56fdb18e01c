// Weights as external values, and the faults of weights that do not fit their config.
import { expect, test } from 'vitest'
import type { ModelFolder } from '../../src-worker/contract/model'
import { languageModel } from '../../src-worker/model/family'
import { commonFolder } from '../../src-worker/model/source'
import { tinyModel } from '../program/setting'

const without = (model: ModelFolder, name: string): ModelFolder => ({
  ...model,
  tensors: new Map([...model.tensors].filter(([n]) => n !== name)),
})

test('a missing tensor is named with the shape it should have', async () => {
  const name = 'gpt_neox.layers.1.mlp.dense_h_to_4h.weight'
  const model = without(await tinyModel('tiny-neox'), name)
  expect(() => languageModel(model)).toThrow(`${name} [256, 64] is not among the weights`)
})

test('a tensor of another shape is reported with both shapes', async () => {
  const model = await tinyModel('tiny-llama')
  const name = 'model.layers.0.self_attn.k_proj.weight'
  const tensors = new Map(model.tensors)
  tensors.set(name, { ...tensors.get(name)!, shape: [64, 64] })
  const reported = new RegExp(`${name} is \\[64, 64\\] in .*, \\[32, 64\\] by config`)
  expect(() => languageModel({ ...model, tensors })).toThrow(reported)
})

test('weights are read in their file, not copied', async () => {
  const model = await tinyModel('tiny-neox-serial')
  const { head, weightsFolder } = languageModel(model)
  const { weight } = head
  const raw = weight.node.op === 'Cast' ? weight.node.inputs[0]! : weight
  const entry = model.tensors.get('embed_out.weight')!
  expect(raw.node.extra).toMatchObject({
    kind: 'weight',
    weight: { file: entry.file, offset: entry.offset },
  })
  expect(raw.dtype).toBe('float16')
  expect(entry.file.startsWith(weightsFolder)).toBe(true)
})

test.each([
  [['/a/b/x', '/a/b/y'], '/a/b'],
  [['/a/b/x', '/a/c/y'], '/a'],
  [['/a/b/x', '/a/b/c/y'], '/a/b'],
])('the folder that holds %j', (files, folder) => {
  expect(commonFolder(files)).toBe(folder)
})
