// The event file of a run folder follows its metrics.jsonl: appended to while the run goes on, replaced when it went back.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeEvents } from '../../src-worker/analysis/run-events'
import { eventFiles } from '../../src-worker/analysis/tensorboard'
import { readEvents } from '../../src-worker/analysis/tensorboard-import'
import type { MetricLine } from '../../src-worker/contract/metrics'
import { appendMetrics, cutMetrics } from '../../src-worker/train/metrics-file'

const folder = mkdtempSync(join(tmpdir(), 'spw-events-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const line = (step: number, loss: MetricLine['values'][string]): MetricLine => ({
  step,
  wall: 1_700_000_000_000 + step * 1000,
  seconds: step,
  tokens: step * 8192,
  values: { Loss: loss, 'Trained token count': step * 8192 },
})
const path = () => join(folder, eventFiles(folder)[0] ?? '')
const losses = () => readEvents(readFileSync(path())).scalars.get('Loss')

test('nothing yet: no file', async () => {
  await writeEvents(folder)
  expect(eventFiles(folder)).toEqual([])
})

test('what is new is appended to the same file', async () => {
  await appendMetrics(folder, [line(1, 3), line(2, 'NaN')])
  await writeEvents(folder)
  const before = { ino: statSync(path()).ino, bytes: readFileSync(path()) }
  await appendMetrics(folder, [line(3, 2)])
  await writeEvents(folder)
  await writeEvents(folder)
  expect(losses()).toMatchObject({ steps: [1, 2, 3], values: [3, NaN, 2] })
  expect(statSync(path()).ino).toBe(before.ino)
  expect(readFileSync(path()).subarray(0, before.bytes.length).equals(before.bytes)).toBe(true)
})

test('after going back to step 1 nothing of steps 2 and 3 is left', async () => {
  await cutMetrics(folder, 1)
  await appendMetrics(folder, [line(2, 2.5)])
  await writeEvents(folder)
  expect(eventFiles(folder)).toHaveLength(1)
  expect(losses()).toMatchObject({ steps: [1, 2], values: [3, 2.5] })
})
