// A law: however the metrics of a run grew, were cut back or cached, what is read is what a fresh reader reads.
import {
  appendFileSync,
  readdirSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type MetricLine, tags } from '../../src-worker/contract/metrics'
import { appendMetrics, cutMetrics, scalar } from '../../src-worker/train/metrics-file'
import { runFiles } from '../../src-worker/train/run-folder'
import { openSeriesReader, type SeriesReader } from '../../src-worker/workbench/series'
import { temporaryFolder } from '../temporary'

const line = (step: number, shift = 0): MetricLine => ({
  step,
  wall: 1e12 + step + shift,
  seconds: step * 2,
  tokens: step * 100,
  values: {
    [tags.loss]: scalar(step % 777 === 0 ? Number.NaN : Math.sin(step + shift) + 1000 / step),
    [tags.gradientNorm]: 1 / step,
    ...(step % 32 === 0 ? { [tags.testLoss]: shift + step } : {}),
  },
})
const lines = (from: number, to: number, shift = 0): MetricLine[] =>
  Array.from({ length: to - from }, (_, i) => line(from + i, shift))

const asked = [tags.loss, tags.testLoss, tags.gradientNorm, 'nothing']
const look = (reader: SeriesReader, folder: string, x: 'step' | 'tokens' = 'tokens') =>
  reader.read(folder, 'r', asked, {
    ...{ x, points: 300, smoothing: 0.9, from: null, to: null, restarts: [40] },
  })
const fresh = (folder: string) => look(openSeriesReader(), folder)

/** Each changes the metrics of a run that has 4000 steps. */
const changes: Readonly<Record<string, (folder: string) => Promise<void> | void>> = {
  nothing: () => undefined,
  growth: folder => appendMetrics(folder, lines(4001, 5001)),
  'growth in two halves of a line': async folder => {
    const text = `${JSON.stringify(line(4001))}\n`
    appendFileSync(runFiles(folder).metrics, text.slice(0, 50))
    await look(openSeriesReader(), folder)
    appendFileSync(runFiles(folder).metrics, text.slice(50))
  },
  'a line that a killed process left unfinished': folder =>
    appendFileSync(runFiles(folder).metrics, '{"step":4001,"wa'),
  'cut back on resume': folder => cutMetrics(folder, 2000),
  'cut back, then grown as far as it was': async folder => {
    await cutMetrics(folder, 2000)
    await appendMetrics(folder, lines(2001, 4001, 5))
  },
  'cut in place, then grown': async folder => {
    truncateSync(runFiles(folder).metrics, 100_000)
    appendFileSync(runFiles(folder).metrics, '\n')
    await appendMetrics(folder, lines(1000, 6000, 5))
  },
}

test.each(Object.entries(changes))(
  '%s is seen, held in memory or cached',
  async (_name, change) => {
    const [folder, cache] = [temporaryFolder(), temporaryFolder()]
    await appendMetrics(folder, lines(1, 4001))
    const reader = openSeriesReader(cache)
    expect(await look(reader, folder)).toEqual(await fresh(folder))
    await change(folder)
    const now = await fresh(folder)
    expect(await look(openSeriesReader(cache), folder)).toEqual(now)
    expect(await look(reader, folder)).toEqual(now)
    // and again, from what the last look left in the cache
    expect(await look(openSeriesReader(cache), folder)).toEqual(now)
  },
)

test('a cached run is read without its metrics', async () => {
  const [folder, cache] = [temporaryFolder(), temporaryFolder()]
  const path = runFiles(folder).metrics
  await appendMetrics(folder, lines(1, 4001))
  utimesSync(path, 1000, 1000)
  const before = await look(openSeriesReader(cache), folder)
  // same size and time, but nothing in it: only the cache can answer
  writeFileSync(path, Buffer.alloc(statSync(path).size))
  utimesSync(path, 1000, 1000)
  expect(await look(openSeriesReader(cache), folder)).toEqual(before)
})

test.each([
  ['cut', (path: string) => truncateSync(path, 5000)],
  ['of another kind', (path: string) => writeFileSync(path, 'not a cache, but of some length')],
  ['empty', (path: string) => writeFileSync(path, '')],
])('a cache that is %s is made anew', async (_what, spoil) => {
  const [folder, cache] = [temporaryFolder(), temporaryFolder()]
  await appendMetrics(folder, lines(1, 4001))
  await look(openSeriesReader(cache), folder)
  for (const name of readdirSync(cache)) spoil(join(cache, name))
  expect(await look(openSeriesReader(cache), folder)).toEqual(await fresh(folder))
})

test('caches are prepared once, not for short runs, and pruned with their runs', async () => {
  const [folder, short, cache] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  await appendMetrics(folder, lines(1, 4001))
  await appendMetrics(short, lines(1, 10))
  const reader = openSeriesReader(cache)
  expect(await reader.prepare(folder)).toBe(true)
  expect(await reader.prepare(folder)).toBe(false)
  expect(await reader.prepare(short)).toBe(false)
  expect(readdirSync(cache)).toHaveLength(1)
  await reader.prune(new Set())
  expect(readdirSync(cache)).toEqual([])
})

test('two looks at once append nothing twice', async () => {
  const folder = temporaryFolder()
  const reader = openSeriesReader()
  await appendMetrics(folder, lines(1, 1001))
  await look(reader, folder)
  await appendMetrics(folder, lines(1001, 2001))
  const both = await Promise.all([look(reader, folder), look(reader, folder, 'step')])
  expect(both.map(b => b[0]?.points)).toEqual([2000, 2000])
})
