import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src-worker/contract/fault'
import { exportPeft, openPeft } from '../../src-worker/weights/peft'
import { readSafetensorsHeader } from '../../src-worker/weights/safetensors'
import { writeSafetensors } from '../../src-worker/weights/safetensors-writer'
import { encodeMetadata, openSnapshot, writeSnapshot } from '../../src-worker/weights/snapshot-file'
import { referencePath } from '../reference-path'

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'spw-snapshot-'))
const original = (file: string): string => referencePath('reference/snapshots', file)

describe('malformed files are refused by a fault that says why', () => {
  test.each<[string, RegExp]>([
    ['empty.pt', /the file is empty/],
    ['text.pt', /neither a zip nor a pickle/],
    ['json.pt', /neither a zip nor a pickle/],
    ['truncated_zip.pt', /directory is missing: truncated/],
    ['truncated_zip_head.pt', /directory is missing: truncated/],
    ['truncated_legacy.pt', /storage .* cut off: truncated/],
    ['truncated_legacy_pickle.pt', /ends in the middle: truncated/],
    ['truncated_pickle.pt', /ends in the middle: truncated/],
    ['evil_zip_os_system.pt', /asks for (os|posix)\.system, .* \(nothing was run\)/],
    ['evil_zip_eval_protocol4.pt', /asks for builtins\.eval, .* \(nothing was run\)/],
    ['evil_plain_pickle.pt', /asks for (os|posix)\.system, .* \(nothing was run\)/],
    ['evil_legacy.pt', /asks for (os|posix)\.system, .* \(nothing was run\)/],
    ['missing_storage.pt', /the numbers of storage 0 are missing/],
    ['short_storage.pt', /storage 0 has 100 bytes, not 1280/],
    ['missing_pickle.pt', /holds no data\.pkl/],
    ['unknown_type.pt', /the soft prompt type ".*" is not one of the original's five/],
    ['shape_mismatch.pt', /embedding is \[5, 64\], its metadata says \[\d+, 64\]/],
    ['metadata_missing.pt', /metadata is wrong at soft_prompt_metadata/],
    ['state_only.pt', /holds one value, not a pair/],
    ['three_tuple.pt', /holds 3 values, not a pair/],
    ['wrong_dtype_half.pt', /stored as torch\.HalfStorage; soft prompts are float32/],
    ['nan_values.pt', /320 of the 320 numbers of embedding are not finite/],
    ['wrong_key.pt', /has no tensor embedding \[5, 64\]/],
    ['absurd_shape.pt', /reaches beyond its storage of \d+ numbers/],
    ['negative_offset.pt', /a tensor begins at -1/],
    ['memo_bomb.pt', /its stack runs empty/],
  ])('%s', async (file, words) => {
    const error = (await openSnapshot(original(`malformed/${file}`)).catch(e => e)) as Fault
    expect(error).toMatchObject({ name: 'Fault', code: 'bad-snapshot' })
    expect(error.message).toMatch(words)
    expect(error.message).toContain(file)
    expect(error.fix).not.toBe('')
  })

  test('none was forgotten, and nothing was run', async () => {
    expect(await readdir(original('malformed'))).toHaveLength(26)
    for (const folder of ['.', original('malformed'), original('.')])
      expect(existsSync(join(folder, 'pwned'))).toBe(false)
  })
})

test('damaged bytes in a zip are noticed', async () => {
  const bytes = await readFile(original('direct_p5.pt'))
  // the last occurrence of a byte run of the storage
  const at = bytes.indexOf(Buffer.from('data/0')) + 400
  bytes[at]! ^= 1
  const path = join(await newFolder(), 'damaged.pt')
  await writeFile(path, bytes)
  await expect(openSnapshot(path)).rejects.toThrow('is damaged (wrong CRC)')
})

test.each([
  'direct_p5.pt',
  'direct_p0.pt',
  'linear_p3.pt',
  'mlp_p2_hidden2_w16.pt',
  'mlp_p0.pt',
  'resnet_p2.pt',
  'shared_resnet_p3.pt',
])('%s: written as ours and read back, nothing changes', async file => {
  const snapshot = await openSnapshot(original(file))
  const path = join(await newFolder(), 'snapshot.safetensors')
  await writeSnapshot(path, snapshot)
  const back = await openSnapshot(path)
  expect(back).toEqual(snapshot)
  const { tensors } = await readSafetensorsHeader(path)
  if (file.startsWith('mlp_p2')) expect([...tensors.keys()]).toContain('layers.1.0.linear.weight')
})

test('conditions of shared-resnet do not count the position bits', async () => {
  const { metadata } = await openSnapshot(original('shared_resnet_p3.pt'))
  expect(metadata.shape).toEqual({
    type: 'shared-resnet',
    tokens: 3,
    width: 64,
    conditions: 2,
    residualWidth: 16,
    hiddenLayers: 2,
    hiddenWidth: 32,
  })
  expect(metadata.training).toMatchObject({ learning_rate: 0.001 })
  expect(metadata.step).toBe(1536)
})

test('a checkpoint and a run folder open as the soft prompt in them', async () => {
  const snapshot = await openSnapshot(original('direct_p5.pt'))
  const folder = await newFolder()
  const data = snapshot.parameters.get('embedding')!
  const path = join(folder, 'step-000512.safetensors')
  const tensors = new Map([
    ['embedding', data],
    ['adam.m.embedding', data],
  ])
  await writeSafetensors(path, tensors, encodeMetadata(snapshot.metadata))
  expect(await openSnapshot(path)).toEqual(snapshot)
  await writeSnapshot(join(folder, 'snapshot.safetensors'), snapshot)
  expect(await openSnapshot(folder)).toEqual(snapshot)
})

test('safetensors files that are no snapshots are refused', async () => {
  await expect(openSnapshot(referencePath('models/tiny-neox/model.safetensors'))).rejects.toThrow(
    'its header has no snapshot metadata',
  )
  await expect(openSnapshot('/nowhere')).rejects.toMatchObject({ code: 'not-found' })
  await expect(openSnapshot(await newFolder())).rejects.toThrow('neither snapshot.safetensors nor')
  const path = join(await newFolder(), 'a.safetensors')
  const { metadata } = await openSnapshot(original('direct_p5.pt'))
  await writeSafetensors(
    path,
    new Map([['embedding', { shape: [4, 64], data: new Float32Array(256) }]]),
    encodeMetadata(metadata),
  )
  await expect(openSnapshot(path)).rejects.toThrow(
    'embedding is [4, 64], its metadata says [5, 64]',
  )
})

describe('PEFT', () => {
  test('an exported adapter opens again', async () => {
    const snapshot = await openSnapshot(original('direct_p5.pt'))
    const folder = await newFolder()
    const rows = snapshot.parameters.get('embedding')!
    await exportPeft(folder, snapshot, rows.data)
    const back = await openSnapshot(folder)
    expect(back.metadata).toMatchObject({
      source: 'peft',
      model: 'tiny-neox',
      shape: { type: 'direct', tokens: 5, width: 64 },
    })
    expect(back.parameters.get('embedding')).toEqual(rows)
    expect(await openSnapshot(join(folder, 'adapter_model.safetensors'))).toEqual(back)
    const config = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'))
    expect(config).toMatchObject({
      peft_type: 'PROMPT_TUNING',
      task_type: 'CAUSAL_LM',
      num_virtual_tokens: 5,
      token_dim: 64,
    })
  })

  test('other adapters and wrong sizes are refused', async () => {
    const snapshot = await openSnapshot(original('direct_p5.pt'))
    const folder = await newFolder()
    await expect(exportPeft(folder, snapshot, new Float32Array(3))).rejects.toThrow(
      '3 numbers for [5, 64]',
    )
    await exportPeft(folder, snapshot, snapshot.parameters.get('embedding')!.data)
    const path = join(folder, 'adapter_config.json')
    const config = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...config, peft_type: 'LORA' }))
    await expect(openPeft(folder)).rejects.toThrow('an adapter of type "LORA", not PROMPT_TUNING')
    await writeFile(path, JSON.stringify({ ...config, num_virtual_tokens: 6 }))
    await expect(openPeft(folder)).rejects.toThrow('is [5, 64], adapter_config.json says [6, 64]')
  })
})
