import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { type InitOptions, initialParameters } from '../../src-worker/prompt/init'
import { parameterShapes } from '../../src-worker/prompt/state-dict'
import { rng } from '../../src-worker/stream/rng'
import { embeddingsOf } from '../../src-worker/weights/embeddings'
import { embeddingEntry, openModelFolder } from '../../src-worker/weights/model-folder'
import { readTensor } from '../../src-worker/weights/safetensors'
import { referencePath } from '../reference-path'

const folder = await openModelFolder(referencePath('models/tiny-llama'))
const tokenizer = await openTokenizer(folder.path)
const direct: PromptShape = { type: 'direct', tokens: 5, width: 64 }

const start = (shape: PromptShape, init: InitOptions['init'], seed = 1) =>
  initialParameters({
    shape,
    init,
    rng: rng(seed, 'prompt-init'),
    embeddings: () => embeddingsOf(folder),
    encode: text => tokenizer.encode(text, { special: false }),
  })

const spread = (data: Float32Array) => {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length
  return { mean, std: Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length) }
}

test('zero, and normal with its spread', async () => {
  const zero = (await start(direct, { kind: 'zero' })).get('embedding')!
  expect(zero.shape).toEqual([5, 64])
  expect(zero.data.every(x => x === 0)).toBe(true)
  const wide = { ...direct, tokens: 512 }
  const { mean, std } = spread(
    (await start(wide, { kind: 'normal', std: 0.1 })).get('embedding')!.data,
  )
  expect(Math.abs(mean)).toBeLessThan(0.003)
  expect(Math.abs(std - 0.1)).toBeLessThan(0.002)
})

test('vocabulary rows are rows of the embedding', async () => {
  const { data } = (await start(direct, { kind: 'vocabulary' })).get('embedding')!
  const whole = await readTensor(embeddingEntry(folder))
  const known = new Set(
    Array.from({ length: 600 }, (_, i) => whole.subarray(i * 64, i * 64 + 64).join()),
  )
  for (let i = 0; i < 5; i++)
    expect(known.has(data.subarray(i * 64, i * 64 + 64).join())).toBe(true)
  expect((await start(direct, { kind: 'vocabulary' }, 2)).get('embedding')!.data).not.toEqual(data)
})

test('a text is repeated or cut to the number of tokens', async () => {
  const text = 'to be'
  const ids = await tokenizer.encode(text, { special: false })
  const rows = (await start({ ...direct, tokens: 2 * ids.length + 1 }, { kind: 'text', text })).get(
    'embedding',
  )!
  const [first, again] = [
    rows.data.subarray(0, 64),
    rows.data.subarray(ids.length * 64, ids.length * 64 + 64),
  ]
  expect(first).toEqual(again)
  expect(first).toEqual(await embeddingsOf(folder).read([ids[0]!]))
  await expect(start(direct, { kind: 'text', text: '' })).rejects.toThrow('has no tokens')
})

test('a prompt of another width than the model is refused', async () => {
  await expect(start({ ...direct, width: 32 }, { kind: 'vocabulary' })).rejects.toThrow(
    "the soft prompt is 32 wide, the model's embedding 64",
  )
})

const sizes = { tokens: 6, width: 48, conditions: 2, hiddenLayers: 2, hiddenWidth: 128 }
const generators: PromptShape[] = [
  { type: 'linear', tokens: 6, width: 48, conditions: 2 },
  { type: 'mlp', ...sizes },
  { type: 'resnet', ...sizes, residualWidth: 32 },
  { type: 'shared-resnet', ...sizes, residualWidth: 32 },
]

describe.each(generators)('$type', shape => {
  test("starts as torch's layers do, the same for the same seed", async () => {
    const parameters = await start(shape, { kind: 'zero' })
    expect([...parameters.keys()]).toEqual([...parameterShapes(shape).keys()])
    expect(parameters).toEqual(await start(shape, { kind: 'zero' }))
    for (const [name, { shape: dims, data }] of parameters) {
      expect(data).toHaveLength(dims.reduce((n, d) => n * d, 1))
      if (name.includes('layer_norm')) {
        expect(
          data.every(x => x === (name.endsWith('weight') ? 1 : 0)),
          name,
        ).toBe(true)
        continue
      }
      const bound = 1 / Math.sqrt(parameters.get(name.replace(/bias$/, 'weight'))!.shape.at(-1)!)
      expect(
        data.every(x => Math.abs(x) <= bound),
        name,
      ).toBe(true)
      if (data.length > 2000)
        expect(Math.abs(spread(data).std / (bound / Math.sqrt(3)) - 1), name).toBeLessThan(0.05)
    }
  })
})

test("the original's own samples have the same bounds", async () => {
  const golden = JSON.parse(
    await readFile(referencePath('reference/soft_prompts/soft_prompts.json'), 'utf8'),
  )
  const layer = golden.initialisation.samples[0]
  const shape: PromptShape = { type: 'linear', tokens: 64, width: 64, conditions: 2 }
  const { data } = (await start(shape, { kind: 'zero' })).get('linear.weight')!
  expect(Math.max(...data)).toBeLessThanOrEqual(layer.bound)
  expect(Math.abs(spread(data).std - layer.expected_std)).toBeLessThan(0.01)
})
