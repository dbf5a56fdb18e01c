// Logs of Inspect: real ones in both formats, made with our server (fixtures/inspect/make.py), and broken ones.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { readInspectLog } from '../../src-worker/dataset/inspect-log'
import { isolatedInspectLog } from '../../src-worker/dataset/isolated'
import { temporaryFolder } from '../temporary'

const real = (format: string): string => `tests/dataset/fixtures/inspect/small.${format}`

interface RealLog {
  results: { scores: { name: string; metrics: Record<string, { value: number }> }[] }
}
const asWritten = JSON.parse(readFileSync(real('json'), 'utf8')) as RealLog

describe('logs of the real Inspect', () => {
  test.each(['eval', 'json'])('%s: every metric, each sample once, one left out', async format => {
    const log = await isolatedInspectLog(real(format))
    expect(log).toMatchObject({
      ...{ task: 'small', dataset: 'four questions', inspectVersion: '0.3.285' },
      ...{ model: 'openai-api/local/workbench-demo-chat', samples: 3, leftOut: 1, notes: [] },
    })
    expect(Object.keys(log.metrics).sort()).toEqual([
      'inspect/small/ends/accuracy',
      'inspect/small/ends/stderr',
      'inspect/small/includes/accuracy',
      'inspect/small/includes/stderr',
      'inspect/small/letters/mean',
      'inspect/small/letters/stderr',
      'inspect/small/vowels/mean',
    ])
    expect(Object.keys(log.heldOut)).toHaveLength(4)
    for (const [tag, { sums, counts, unit }] of Object.entries(log.heldOut)) {
      expect(unit).toBe('sample')
      expect(counts).toEqual([1, 1, 1])
      const mean = sums.reduce((a, b) => a + b, 0) / 3
      expect(mean).toBeCloseTo(log.metrics[tag]!, 12)
    }
  })

  test('values are those of the results, as Inspect wrote them', async () => {
    const { metrics } = await readInspectLog(real('json'))
    for (const { name, metrics: of } of asWritten.results.scores)
      for (const [metric, { value }] of Object.entries(of))
        expect(metrics[`inspect/small/${name}/${metric}`]).toBe(value)
  })

  test('the same samples have the same name, so that runs are compared sample by sample', async () => {
    const [a, b] = [await readInspectLog(real('eval')), await readInspectLog(real('json'))]
    const tag = 'inspect/small/letters/mean'
    expect(a.heldOut[tag]!.set).toBe(b.heldOut[tag]!.set)
  })
})

const header = {
  status: 'success',
  eval: { task: 't', created: '2026-01-01', model: 'm' },
  results: { scores: [{ name: 's', scorer: 's', metrics: { accuracy: { value: 0.75 } } }] },
}
const samples = [
  { id: 1, scores: { s: { value: 'C' } } },
  { id: 2, scores: { s: { value: 'P' } } },
]
const written = (name: string, content: string | Uint8Array): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}
const json = (value: unknown): string => written('a.json', JSON.stringify(value))
const archive = (files: Record<string, unknown>): string => {
  const entries = Object.entries(files).map(([name, value]) => [
    ...[name, Buffer.from(JSON.stringify(value))],
  ])
  return written('a.eval', zipSync(Object.fromEntries(entries)))
}

describe('what a log says', () => {
  test('letters are numbers as in Inspect: C 1, P 0.5, I 0', async () => {
    const { heldOut } = await readInspectLog(json({ ...header, samples }))
    expect(heldOut['inspect/t/s/accuracy']).toMatchObject({ sums: [1, 0.5], counts: [1, 1] })
  })

  test('a metric that is no mean of the scores has no samples', async () => {
    const other = [...samples, { id: 3, scores: { s: { value: 'I' } } }]
    const log = await readInspectLog(json({ ...header, samples: other }))
    expect(log).toMatchObject({ metrics: { 'inspect/t/s/accuracy': 0.75 }, heldOut: {} })
  })

  test('Python writes NaN: that metric is left out, and said', async () => {
    const metrics = { accuracy: { value: 0.75 }, stderr: { value: 0 } }
    const scores = [{ name: 's', scorer: 's', metrics }]
    const text = JSON.stringify({ ...header, results: { scores } }).replace(
      '"value":0}',
      '"value":NaN}',
    )
    const log = await readInspectLog(written('a.json', text))
    expect(log.metrics).toEqual({ 'inspect/t/s/accuracy': 0.75 })
    expect(log.notes).toEqual([
      'inspect/t/s/stderr is no number',
      'the log holds no samples, so there are no intervals over them',
    ])
  })

  test('an evaluation that was cancelled says so', async () => {
    const log = await readInspectLog(json({ ...header, status: 'cancelled', samples }))
    expect(log.notes).toEqual(['the evaluation ended as "cancelled"'])
  })

  test('names steer no terminal', async () => {
    const evil = { ...header, eval: { ...header.eval, task: 'a\u001b[2J' }, samples }
    const { metrics } = await readInspectLog(json(evil))
    expect(Object.keys(metrics)).toEqual(['inspect/a\\x1b[2J/s/accuracy'])
  })
})

describe('what is refused', () => {
  const summaries = { 'summaries.json': samples }
  test.each([
    ['no JSON', () => written('a.json', 'hello'), /it is not JSON/],
    ['another JSON', () => json([1, 2]), /is no log of Inspect that can be read/],
    [
      'no results',
      () => json({ ...header, status: 'error', results: null }),
      /ended as "error" and/,
    ],
    ['no header', () => archive(summaries), /no header.json: the evaluation has not finished/],
    ['no summaries', () => archive({ 'header.json': header }), /it has no summaries.json/],
    [
      'a cut archive',
      () => written('a.eval', readFileSync(real('eval')).subarray(0, 5000)),
      /truncated/,
    ],
  ])('%s', async (_, path, words) => {
    const asked = readInspectLog(path())
    await expect(asked).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(words),
      fix: 'Choose a finished .eval or .json log of Inspect.',
    })
  })

  test('a damaged byte', async () => {
    const bytes = readFileSync(real('eval'))
    const path = written('a.eval', bytes)
    const at = bytes.lastIndexOf('header.json', bytes.lastIndexOf('PK\u0001\u0002') - 1)
    bytes[at + 40] = bytes[at + 40]! ^ 0xff
    writeFileSync(path, bytes)
    await expect(readInspectLog(path)).rejects.toMatchObject({ code: 'bad-file' })
  })

  test('sizes that an archive claims are held against what it holds, before it is held', async () => {
    const bytes = readFileSync(real('eval'))
    // the directory's last entries: uncompressed size at byte 24 of each, the name at byte 46
    const at = bytes.lastIndexOf('header.json') - 46
    for (const [size, words] of [
      [300 << 20, /header.json has 314572800 bytes/],
      [100, /header.json is longer than its directory says/],
      [200_000, /header.json is shorter than its directory says/],
    ] as const) {
      bytes.writeUInt32LE(size, at + 24)
      const path = written('a.eval', bytes)
      await expect(readInspectLog(path)).rejects.toThrow(words)
    }
  })

  test('a file that is not there', async () => {
    await expect(readInspectLog('/no/such.eval')).rejects.toMatchObject({ code: 'not-found' })
  })
})
