import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { locateModel } from '../../src-worker/train/model-places'
import { embeddingsOf } from '../../src-worker/weights/embeddings'
import { hashModelFiles } from '../../src-worker/weights/hash'
import {
  openModelFolder,
  weightLocation,
  weightPaths,
  weightsFolder,
} from '../../src-worker/weights/model-folder'
import { readTensor } from '../../src-worker/weights/safetensors'
import { type TensorToWrite, writeSafetensors } from '../../src-worker/weights/safetensors-writer'
import { referencePath } from '../reference-path'
import { changed } from './changed-model'

const models = ['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'tiny-llama-tied']

test.each(models)('%s: both spellings of config.json give the same model', async model => {
  const other = (await readdir(referencePath('models', model))).find(name =>
    /config\.v\d/.test(name),
  )!
  const config = JSON.parse(await readFile(referencePath('models', model, other), 'utf8'))
  const one = await openModelFolder(referencePath('models', model))
  const folder = await mkdtemp(join(tmpdir(), 'spw-model-'))
  for (const file of await readdir(referencePath('models', model)))
    if (file !== 'config.json')
      await copyFile(referencePath('models', model, file), join(folder, file))
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  expect((await openModelFolder(folder)).config).toEqual(one.config)
})

test('sizes, rope and needed tensors are understood', async () => {
  const neox = await openModelFolder(referencePath('models/tiny-neox'))
  expect(neox.config).toMatchObject({
    family: 'gpt-neox',
    headDim: 16,
    ropes: [{ rotaryDim: 4 }],
    parallelResidual: true,
    eosTokenIds: [0],
  })
  expect(neox.id).toBe('tiny-neox')
  const serial = await openModelFolder(referencePath('models/tiny-neox-serial'))
  expect(serial.config).toMatchObject({ ropes: [{ rotaryDim: 16 }], parallelResidual: false })
  expect(
    [...serial.tensors.keys()].filter(name => /inv_freq|masked_bias|attention\.bias/.test(name)),
  ).toEqual([])
  expect(weightPaths(serial)).toHaveLength(3)
  const tied = await openModelFolder(referencePath('models/tiny-llama-tied'))
  expect(tied.config).toMatchObject({
    family: 'llama',
    headDim: 24,
    kvHeads: 2,
    tiedHead: true,
    bosTokenId: 1,
    eosTokenIds: [2],
    ropes: [
      {
        theta: 100000,
        scaling: {
          kind: 'llama3',
          factor: 8,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalMaxPositions: 64,
        },
      },
    ],
  })
  expect(structuredClone(tied)).toEqual(tied)
})

test('the chat template is found in tokenizer_config.json and in chat_template.jinja', async () => {
  const chat = await openModelFolder(referencePath('models/workbench-demo-chat'))
  expect(chat.chatTemplate).toContain('add_generation_prompt')
  const folder = await changed('tiny-llama', {})
  await writeFile(join(folder, 'chat_template.jinja'), '{{ bos_token }}')
  expect((await openModelFolder(folder)).chatTemplate).toBe('{{ bos_token }}')
  const several = await changed('tiny-llama', {})
  const templates = [
    { name: 'tool_use', template: 'a' },
    { name: 'default', template: 'b' },
  ]
  await writeFile(
    join(several, 'tokenizer_config.json'),
    JSON.stringify({ chat_template: templates }),
  )
  expect((await openModelFolder(several)).chatTemplate).toBe('b')
})

test('a Hugging Face cache of symbolic links: real files, their common folder, org/name', async () => {
  const cache = join(await mkdtemp(join(tmpdir(), 'spw-cache-')), 'models--EleutherAI--tiny-serial')
  const [blobs, snapshot] = [join(cache, 'blobs'), join(cache, 'snapshots', 'abc')]
  await mkdir(blobs, { recursive: true })
  await mkdir(snapshot, { recursive: true })
  for (const [i, file] of (await readdir(referencePath('models/tiny-neox-serial'))).entries()) {
    await copyFile(referencePath('models/tiny-neox-serial', file), join(blobs, `blob${i}`))
    await symlink(join('../../blobs', `blob${i}`), join(snapshot, file))
  }
  const folder = await openModelFolder(snapshot)
  expect(folder.id).toBe('EleutherAI/tiny-serial')
  const weights = weightsFolder(folder)
  expect(weights.endsWith('/blobs')).toBe(true)
  const entry = folder.tensors.get('embed_out.weight')!
  expect(weightLocation(weights, entry)).toMatch(/^blob\d+$/)
  const original = await openModelFolder(referencePath('models/tiny-neox-serial'))
  expect(await readTensor(entry)).toEqual(
    await readTensor(original.tensors.get('embed_out.weight')!),
  )
})

test('folders without usable weights say what to do', async () => {
  await expect(openModelFolder('/nowhere/at/all')).rejects.toThrow('no model folder at')
  const none = await changed('tiny-neox', {}, file => !file.endsWith('.safetensors'))
  await expect(openModelFolder(none)).rejects.toThrow('no model.safetensors in')
  await writeFile(join(none, 'pytorch_model.bin'), 'x')
  await expect(openModelFolder(none)).rejects.toMatchObject({
    code: 'bad-weights',
    message: expect.stringContaining(
      "has its weights in pytorch_model.bin (PyTorch's own format), but no model.safetensors",
    ),
    fix: expect.stringContaining('save_pretrained'),
  })
  const shard = await changed('tiny-neox-serial', {}, file => !file.includes('00002-of'))
  await expect(openModelFolder(shard)).rejects.toThrow(
    /model-00002-of-00003\.safetensors is missing/,
  )
  const escaping = await changed('tiny-neox', {}, file => file !== 'model.safetensors')
  const index = { weight_map: { 'embed_out.weight': '../secret.safetensors' } }
  await writeFile(join(escaping, 'model.safetensors.index.json'), JSON.stringify(index))
  await expect(openModelFolder(escaping)).rejects.toThrow('has no proper weight_map')
})

test('linear rope and older defaults', async () => {
  const linear = await changed('tiny-llama', {
    rope_scaling: { type: 'linear', factor: 2 },
    head_dim: null,
    num_key_value_heads: 2,
  })
  expect((await openModelFolder(linear)).config).toMatchObject({
    ropes: [{ scaling: { kind: 'linear', factor: 2 } }],
    headDim: 16,
  })
})

test('hashes are kept until the file changes', async () => {
  const folder = await openModelFolder(await changed('tiny-llama', {}))
  const cache = join(folder.path, 'hashes.json')
  const first = await hashModelFiles(folder, cache)
  expect(first['model.safetensors']).toMatch(/^[0-9a-f]{64}$/)
  const kept = JSON.parse(await readFile(cache, 'utf8'))
  const path = weightPaths(folder)[0]!
  await writeFile(cache, JSON.stringify({ [path]: { ...kept[path], sha256: 'from the cache' } }))
  expect((await hashModelFiles(folder, cache))['model.safetensors']).toBe('from the cache')
  await copyFile(referencePath('models/tiny-llama/model.safetensors'), path)
  expect(await hashModelFiles(folder, cache)).toEqual(first)
})

/** tiny-llama with its tensors under other names; undefined leaves one out. */
async function renamed(
  model: string,
  change: Record<string, unknown>,
  name: (old: string) => string | undefined,
): Promise<string> {
  const folder = await changed(model, change, file => !file.endsWith('.safetensors'))
  const { tensors } = await openModelFolder(referencePath('models', model))
  const kept = new Map<string, TensorToWrite>()
  for (const [old, entry] of tensors) {
    const now = name(old)
    if (now !== undefined) kept.set(now, { shape: entry.shape, data: await readTensor(entry) })
  }
  await writeSafetensors(join(folder, 'model.safetensors'), kept)
  return folder
}

test('a base model without the prefix opens, its head tied', async () => {
  const bare = (old: string): string => old.replace(/^model\./, '')
  const folder = await openModelFolder(await renamed('tiny-llama-tied', {}, bare))
  const whole = await openModelFolder(referencePath('models/tiny-llama-tied'))
  expect([...folder.tensors.keys()].sort()).toEqual([...whole.tensors.keys()].sort())
  expect(folder.notes).toEqual([])
})

test('a tied file that holds only the head holds the embedding too', async () => {
  const table = 'model.embed_tokens.weight'
  const swap = (old: string): string => (old === table ? 'lm_head.weight' : old)
  const folder = await openModelFolder(await renamed('tiny-llama-tied', {}, swap))
  const whole = await openModelFolder(referencePath('models/tiny-llama-tied'))
  expect(folder.config).toMatchObject({ embedding: 'lm_head.weight', head: 'lm_head.weight' })
  expect(await embeddingsOf(folder).read([5])).toEqual(await embeddingsOf(whole).read([5]))
})

test('a tied config with another head in the file: the file counts', async () => {
  const folder = await openModelFolder(
    await renamed('tiny-llama', { tie_word_embeddings: true }, old => old),
  )
  expect(folder.config).toMatchObject({ head: 'lm_head.weight', tiedHead: false })
})

test.each([
  ['model.q4_0.gguf', '', 'holds a GGUF model (model.q4_0.gguf)', 'safetensors'],
  [
    'adapter_config.json',
    '{"peft_type": "LORA", "base_model_name_or_path": "org/base"}',
    'holds a LORA adapter without its base model (org/base)',
    'merge_and_unload',
  ],
])('a folder with %s is refused by its name', async (file, text, what, fix) => {
  const folder = await changed('tiny-neox', {}, () => false)
  await rm(join(folder, 'config.json'))
  await writeFile(join(folder, file), text)
  await expect(openModelFolder(folder)).rejects.toMatchObject({
    message: expect.stringContaining(what),
    fix: expect.stringContaining(fix),
  })
  const places = { home: folder, resources: folder }
  await expect(locateModel(folder, places)).rejects.toThrow(what)
})
