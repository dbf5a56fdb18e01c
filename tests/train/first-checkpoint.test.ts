// A run without a checkpoint writes its first within a minute of training, whatever its spec says.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createRun } from '../../src-worker/train/run-folder'
import { firstCheckpoint } from '../../src-worker/train/save'
import { temporaryFolder } from '../temporary'
import { losses, runToEnd, tensorHash, tinySpec, writeTexts } from './runs'

afterEach(() => vi.restoreAllMocks())

/** Whether a checkpoint is due after each session call, by the seconds that it took. */
function dues(saved: boolean, calls: readonly number[], writes = false): boolean[] {
  let clock = 5000
  const first = firstCheckpoint(saved, () => clock)
  return calls.map(seconds => {
    clock += 1000 * seconds
    const due = first.due()
    if (due && writes) first.written()
    return due
  })
}

test.each([
  ['before a minute is over, so that the next call cannot pass it', false, [25, 25], [false, true]],
  ['a call that is longer than a minute', false, [90], [true]],
  [
    'short calls wait until the minute is nearly over',
    false,
    [58, 1, 1, 1],
    [true, false, true, true],
  ],
  ['a run that has one already', true, [50, 50, 50], [false, false, false]],
])('%s', (_, saved, calls, expected) => {
  expect(dues(saved, calls)).toEqual(expected)
})

test('only the first', () => {
  expect(dues(false, [31, 31, 31, 31], true)).toEqual([true, false, false, false])
})

test('a run whose spec asks for no checkpoints has one, and its numbers are the same', async () => {
  const home = temporaryFolder()
  const training = { steps: 6, checkpointEvery: 0, testEvery: 0 }
  const spec = tinySpec(writeTexts(home), { training })
  const [quick, slow] = [await createRun(home, spec), await createRun(home, spec)]
  const names = (folder: string) => readdirSync(join(folder, 'checkpoints')).sort()
  await runToEnd(quick, home)
  expect(names(quick)).toEqual(['step-000006.safetensors'])
  let hours = 0
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 20_000 * hours++)
  await runToEnd(slow, home)
  expect(names(slow).length).toBeGreaterThan(1)
  expect(losses(slow)).toEqual(losses(quick))
  const last = join('checkpoints', 'step-000006.safetensors')
  expect(tensorHash(join(slow, last))).toBe(tensorHash(join(quick, last)))
})
