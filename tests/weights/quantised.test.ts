// Models in 8 and 4 bits are models like others: what is computed from the blocks is what the same numbers give when they
// are written out as float32 weights.
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BlockEntry, ModelFolder } from '../../src-worker/contract/model'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { generate } from '../../src-worker/sample/generate'
import { openSampler } from '../../src-worker/sample/prompted'
import { ortRuntime } from '../../src-worker/session/ort'
import { openTrainer } from '../../src-worker/train/trainer'
import { relativeError } from '../../src-worker/verify/golden'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { quantise } from '../../src-worker/weights/quantise'
import { quantisedFolder } from '../../src-worker/weights/quantised'
import { readRaw, readTensor } from '../../src-worker/weights/safetensors'
import { writeSafetensors } from '../../src-worker/weights/safetensors-writer'
import { optimizer, random, randomBatch, randomParameters } from '../program/setting'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

const family = (name: string) => openModelFolder(referencePath('reference/families/models', name))

const places = () => {
  const folder = temporaryFolder()
  return { folder: join(folder, 'quantised'), hashes: join(folder, 'hashes.json') }
}

/** Integer times scale, written plainly. */
async function writtenOut({ integers, scales, bits, shape, axis, block }: BlockEntry) {
  const [rows, width] = shape
  const bytes = await readRaw(integers)
  const factors = await readTensor(scales)
  const integer = (i: number): number => {
    if (bits === 8) return (bytes[i]! << 24) >> 24
    const half = i % 2 === 0 ? bytes[i >> 1]! & 15 : bytes[i >> 1]! >> 4
    return half > 7 ? half - 16 : half
  }
  const perLine = axis === 1 ? Math.ceil(width / block) : width
  const scale = (r: number, c: number): number =>
    factors[axis === 1 ? r * perLine + Math.floor(c / block) : Math.floor(r / block) * perLine + c]!
  return Float32Array.from(
    { length: rows * width },
    (_, i) => integer(i) * scale(Math.floor(i / width), i % width),
  )
}

/** A folder of its own whose float32 weights are the numbers of the blocks. */
async function plainCopy(model: ModelFolder): Promise<ModelFolder> {
  const path = temporaryFolder()
  for (const name of await readdir(model.path))
    if (name.endsWith('.json'))
      await writeFile(join(path, name), await readFile(join(model.path, name)))
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  for (const [name, entry] of model.tensors)
    tensors.set(name, { shape: entry.shape, data: await readTensor(entry) })
  for (const [name, entry] of model.quantised?.matrices ?? [])
    tensors.set(name, { shape: entry.shape, data: await writtenOut(entry) })
  await writeSafetensors(join(path, 'model.safetensors'), tensors)
  return openModelFolder(path)
}

async function gradientOf(model: ModelFolder, start?: number) {
  const shape: PromptShape = { type: 'direct', tokens: 3, width: model.config.hiddenSize }
  const trainer = await openTrainer({
    ...{ runtime: ortRuntime(), model, shape, optimizer, mode: 'weighted' },
  })
  const size = { lanes: 2, tokens: 37, promptTokens: 3, ...(start !== undefined && { start }) }
  const drawn = randomBatch(random('b'), size)
  const below = (id: number): number => (id < 0 ? id : id % model.config.vocabularySize)
  const batch = { ...drawn, slots: drawn.slots.map(below), labels: drawn.labels.map(below) }
  const result = await trainer.gradient(randomParameters(random('p'), shape), batch)
  await trainer.release()
  return { loss: result.loss, gradient: result.gradients.get('embedding')!.data }
}

/** Greedy tokens behind a text. */
async function written(folder: ModelFolder): Promise<readonly number[]> {
  const tokenizer = await openTokenizer(folder.path)
  const sampler = await openSampler({ runtime: ortRuntime(), folder, tokenizer })
  const slots = Array.from({ length: 9 }, (_, i) => (7 * i + 3) % 200)
  const ids: number[] = []
  const how = { maxTokens: 8, temperature: 0, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1 }
  for await (const step of generate(sampler, [{ slots }], { ...how, seed: 1, stopIds: [] }))
    for (const { token } of step) ids.push(token)
  await sampler.release()
  return ids
}

/** Fused and separate projections, both ways of storing a matrix, parallel and serial blocks, a shared head. */
const kinds = ['qwen3', 'gpt2', 'falcon-new', 'phi3-longrope', 'gemma2', 'opt-350m']

describe.each(['int8', 'int4'] as const)('%s', weights => {
  test.each(kinds)('%s: loss and gradient are those of the numbers in the blocks', async name => {
    const model = await quantisedFolder(await family(name), weights, places())
    const plain = await plainCopy(model)
    expect(plain.quantised).toBeUndefined()
    expect(await written(model)).toEqual(await written(plain))
    for (const start of [undefined, 20]) {
      const [own, wanted] = [await gradientOf(model, start), await gradientOf(plain, start)]
      expect(Math.abs(own.loss - wanted.loss) / wanted.loss).toBeLessThan(1e-6)
      expect(relativeError(own.gradient, wanted.gradient)).toBeLessThan(2e-5)
    }
  })
})

test('the largest number of a block is kept, every other within half a step', () => {
  const draw = random('q')
  const values = Float32Array.from({ length: 6 * 70 }, () => draw.normal())
  for (const [bits, most] of [
    [8, 127],
    [4, 7],
  ] as const)
    for (const axis of [0, 1] as const) {
      const block = axis === 0 ? 4 : 32
      const { integers, scales } = quantise(values, { width: 70, axis, block, bits })
      const blocks = axis === 0 ? 2 * 70 : 6 * 3
      expect(scales.length).toBe(blocks)
      expect(integers.length).toBe((values.length * bits) / 8)
      for (let i = 0; i < values.length; i++) {
        const [r, c] = [Math.floor(i / 70), i % 70]
        const scale = scales[axis === 0 ? Math.floor(r / 4) * 70 + c : r * 3 + Math.floor(c / 32)]!
        const byte = bits === 8 ? integers[i]! : integers[i >> 1]! >> (4 * (i % 2))
        const integer = (byte << (32 - bits)) >> (32 - bits)
        expect(Math.abs(integer)).toBeLessThanOrEqual(most)
        expect(Math.abs(integer * scale - values[i]!)).toBeLessThanOrEqual(0.5001 * scale)
      }
    }
})

test('a block of zeros stays zeros', () => {
  const form = { width: 4, axis: 1, block: 4, bits: 8 } as const
  expect(quantise(new Float32Array(4), form)).toEqual({
    integers: new Uint8Array(4),
    scales: new Float32Array(1),
  })
})

test('the file is made once, told, and made again when its bits have changed', async () => {
  const model = await openModelFolder(referencePath('models/tiny-neox-serial'))
  const options = places()
  const first = await quantisedFolder(model, 'int8', options)
  expect(first.notes.at(-1)).toMatch(
    /^the matrices of the blocks are in int8, one scale for 64 numbers: \d\.\d MB instead of \d\.\d MB;/,
  )
  const [file, note] = (await readdir(options.folder)).sort()
  expect([file, note]).toEqual([
    expect.stringMatching(/^tiny-neox-serial-int8-64-[0-9a-f]{12}\.safetensors$/),
    `${file}.json`,
  ])
  const path = join(options.folder, file!)
  const bytes = await readFile(path)
  const again = await quantisedFolder(model, 'int8', options)
  expect(again).toEqual(first)
  const wrong = Buffer.from(bytes)
  wrong[wrong.length - 1]! ^= 1
  await writeFile(path, wrong)
  const made = await quantisedFolder(model, 'int8', options)
  expect(made.notes.at(-2)).toBe(`${path} was not as it was written: it was made again`)
  expect(await readFile(path)).toEqual(bytes)
})

test('the head keeps its numbers, widened as products read them', async () => {
  const model = await openModelFolder(referencePath('models/tiny-neox-serial'))
  const before = model.tensors.get('embed_out.weight')!
  expect(before.dtype).toBe('F16')
  const after = (await quantisedFolder(model, 'int4', places())).tensors
  const head = after.get('embed_out.weight')!
  expect(head.dtype).toBe('F32')
  expect(await readTensor(head)).toEqual(await readTensor(before))
  expect(after.get('gpt_neox.embed_in.weight')!.dtype).toBe('F16')
})

test('a matrix with a number that is none is refused by name', async () => {
  const model = await openModelFolder(referencePath('models/tiny-llama'))
  const path = temporaryFolder()
  await cp(model.path, path, { recursive: true })
  const name = 'model.layers.0.mlp.down_proj.weight'
  const { file, offset } = model.tensors.get(name)!
  const bytes = await readFile(file)
  bytes.fill(0xff, offset, offset + 4)
  await writeFile(join(path, basename(file)), bytes)
  await expect(
    openModelFolder(path).then(own => quantisedFolder(own, 'int8', places())),
  ).rejects.toThrow(`${name} in ${join(path, basename(file))} holds numbers that are not finite`)
})

test('what is widened by each product gives the same loss and gradient', async () => {
  const model = await openModelFolder(referencePath('models/tiny-neox-serial'))
  const [own, wanted] = [await gradientOf({ ...model, lean: true }), await gradientOf(model)]
  expect(own.loss).toBeCloseTo(wanted.loss, 6)
  expect(relativeError(own.gradient, wanted.gradient)).toBeLessThan(1e-6)
})
