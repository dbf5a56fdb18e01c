// Tokens or trained numbers: on the second axis dimensions of a subspace make a curve, with lengths of whole rows beside it.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { neededCsv, pointsCsv } from '../../src-worker/analysis/csv'
import { reportHtml } from '../../src-worker/analysis/report-html'
import { analysisText } from '../../src-worker/analysis/text'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { run, sweep } from './fixtures'

/** 4 rows of width 64 in a subspace: 2.9 with 4 numbers, 2 with 64; straight down between on log numbers. */
const subspace = (dimensions: number, loss: number): AnalysedRun[] =>
  [0, 1].map(seed =>
    run({
      tokens: 4,
      seed,
      loss: loss + 0.001 * seed,
      id: `subspace-${dimensions}-${seed}`,
      parameters: dimensions,
      settings: { 'prompt.type': 'subspace', 'prompt.dimensions': String(dimensions) },
      spec: { prompt: { type: 'subspace', tokens: 4, dimensions } },
    }),
  )
const dimensions = [...subspace(4, 2.9), ...subspace(16, 2.4), ...subspace(64, 2)]
const rows = sweep({
  none: 3,
  losses: { 1: 2.5, 4: 2 },
  over: { settings: { 'prompt.type': 'direct' } },
  noise: 0.001,
})
const runs = [...rows, ...dimensions]
const threshold = { kind: 'absolute', value: 2.45, unit: 'nats' } as const
const of = (axis: 'tokens' | 'numbers', given = runs) =>
  analyse(given, { axis, threshold, includePublished: false, draws: 500 })

test('tokens: each dimension is a curve of its own, of one point', () => {
  const { curves } = of('tokens')
  expect(curves.map(c => c.points.map(p => p.tokens))).toEqual([[1, 4], [4], [4], [4]])
})

describe('numbers', () => {
  const analysis = of('numbers')
  const [direct, sub] = ['direct', 'subspace'].map(type =>
    analysis.curves.find(c => c.label.includes(type)),
  )

  test('two ways of training, two curves on one axis: rows × width beside dimensions', () => {
    expect(analysis.curves).toHaveLength(2)
    expect(direct?.points.map(p => p.tokens)).toEqual([64, 256])
    expect(sub?.points.map(p => p.tokens)).toEqual([4, 16, 64])
    expect(sub?.label).toMatch(/type subspace, rows 4/)
    // a baseline trains none
    expect(direct?.baselines.map(b => b.point.tokens)).toEqual([0])
  })

  test('the subspace gets a number, between 4 and 16', () => {
    expect(sub?.needed).toMatchObject({
      kind: 'reached',
      interval: { low: { kind: 'at', tokens: 4 }, high: { kind: 'at', tokens: 16 } },
    })
  })

  test('every sentence counts trained numbers', () => {
    const text = analysisText(analysis)
    expect(text).toMatch(/autoregressive needs 1\d trained numbers \(95 %: 4 – 16\)/)
    expect(text).toContain('trained numbers needed')
    expect(text).not.toMatch(/\d tokens?\b/)
    expect(analysis.method.join(' ')).toContain('Prompts are counted in trained numbers')
    const html = reportHtml({ analysis, runs, generatedAt: '2026-11-24T10:00:00Z', version: '1' })
    expect(html).toContain('How many trained numbers does each behaviour need?')
    expect(html).toContain('trained numbers needed')
    expect(html).toContain('--axis numbers')
    expect(pointsCsv(analysis).split('\n')[0]).toMatch(/,numbers,.*,bits_per_number,/)
    expect(neededCsv(analysis).split('\n')[0]).toContain('numbers_needed')
  })

  test('what is not known to train any is left out, with the reason', () => {
    const unknown = run({ tokens: 9, parameters: null, id: 'unknown' })
    const { skipped, curves } = of('numbers', [...runs, unknown])
    expect(skipped).toEqual([{ run: 'unknown', reason: 'how many numbers it trains is not known' }])
    expect(curves).toHaveLength(2)
  })
})
