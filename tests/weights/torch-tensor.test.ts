// Prompt embeddings as other tools take them: one tensor [P, H], read back by our own reader of torch's files; torch itself
// reads one in original-export.test.ts.
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
