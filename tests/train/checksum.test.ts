// A flipped bit, anywhere in a checkpoint or snapshot of ours, never becomes a number.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRun, readState, runFiles } from '../../src-worker/train/run-folder'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { temporaryFolder } from '../temporary'
import { losses, runToEnd, tensorHash, tinySpec, writeTexts } from './runs'

const quick = { results: { prompts: 0, metricSamples: 0 } }

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

const dataStart = (path: string): number => 8 + Number(readFileSync(path).readBigUInt64LE(0))

test('a run goes on from the checkpoint before, says so, and ends as if nothing had been', async () => {
  const home = temporaryFolder()
  const data = writeTexts(home)
  const whole = await createRun(home, tinySpec(data, quick))
  await runToEnd(whole, home)
  const folder = await createRun(home, tinySpec(data, quick))
  await runToEnd(folder, home, update =>
    update.kind === 'metrics' && update.lines.some(l => l.step >= 16) ? 'stop' : 'go',
  )
  const { step } = await readState(folder)
  const last = join(
    runFiles(folder).checkpoints,
    `step-${String(step).padStart(6, '0')}.safetensors`,
  )
  flip(last, -3)
  const { state, updates } = await runToEnd(folder, home)
  expect(state).toEqual({ kind: 'done' })
  const said = updates.flatMap(u => (u.kind === 'log' ? [u.line] : []))
  expect(said[0]).toMatch(/is not as it was written: its checksum is/)
  expect(said[1]).toMatch(/^resumed at step \d+$/)
  expect(tensorHash(runFiles(folder).snapshot)).toBe(tensorHash(runFiles(whole).snapshot))
  expect(losses(folder)).toEqual(losses(whole))
})

test('every byte of the tensors and of the metadata counts, in a snapshot and in a checkpoint opened as one', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home), quick))
  await runToEnd(folder, home)
  const { snapshot, checkpoints } = runFiles(folder)
  for (const path of [snapshot, join(checkpoints, 'step-000008.safetensors')]) {
    const good = readFileSync(path)
    const start = dataStart(path)
    const places = [start, start + 1, -1, -2, good.indexOf('\\"step\\":') + 9]
    for (const at of places) {
      flip(path, at)
      await expect(openSnapshot(path)).rejects.toThrow()
      writeFileSync(path, good)
    }
    expect((await openSnapshot(path)).parameters.size).toBe(1)
    // a file of an older version has no checksum
    const older = Buffer.from(
      good.toString('latin1').replace('workbench.sha256', 'workbench.sha000'),
      'latin1',
    )
    writeFileSync(path, older)
    expect((await openSnapshot(path)).parameters.size).toBe(1)
  }
})
