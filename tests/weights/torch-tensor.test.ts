// Prompt embeddings as other tools take them: one tensor [P, H], read back by our own reader of torch's files, and by torch
// itself where Python has it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTorchFile } from '../../src-worker/weights/torch-pickle'
import { writeTorchTensor } from '../../src-worker/weights/torch-writer'
import { temporaryFolder } from '../temporary'

const rows = Float32Array.from({ length: 15 }, (_, i) => Math.fround(Math.sin(i) / 3))

async function written(): Promise<string> {
  const path = join(temporaryFolder(), 'prompt.pt')
  await writeTorchTensor(path, { shape: [3, 5], data: rows })
  return path
}

test('a tensor is read back as it was', async () => {
  const path = await written()
  expect(await readTorchFile(readFileSync(path), path)).toEqual({ shape: [3, 5], data: rows })
})

const script = `
import sys, torch
tensor = torch.load(sys.argv[1], weights_only=True)
assert tensor.dtype == torch.float32 and tensor.is_contiguous()
print(list(tensor.shape), tensor.flatten().tolist())
`
const hasTorch = spawnSync('python3', ['-c', 'import torch']).status === 0
if (!hasTorch) console.log('torch does not read the tensor back: python3 has no torch.')

test.skipIf(!hasTorch)('torch.load reads it', async () => {
  const { stdout, stderr } = spawnSync('python3', ['-c', script, await written()], {
    encoding: 'utf8',
  })
  const line = `[3, 5] [${[...rows].join(', ')}]`
  expect(stdout.trim(), stderr).toBe(line)
})
