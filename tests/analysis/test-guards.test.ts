// A point's number is what its name says: held out, the same data over the curve, and of all seeds; else it is reported.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { analysisText } from '../../src-worker/analysis/text'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { sweep } from './fixtures'

const runs = sweep({ none: 4, losses: { 1: 3, 4: 2.4, 16: 2 }, seeds: 3 })
const inputs = (heldOut: string, data = 'sha256 aa', weights = 'w1') => ({
  dataset: { path: 'd', fingerprint: `${data} of 1 file, 9 bytes, 2026-11-01`, heldOut },
  model: { id: 'm', files: { 'model.safetensors': weights } },
})
const shared = inputs('5 % of the records, by content hash')
const with_ = (change: (run: AnalysedRun) => Partial<AnalysedRun>): AnalysedRun[] =>
  runs.map(run => ({ ...run, provenance: shared, ...change(run) }))
const read = (all: readonly AnalysedRun[]) => {
  const analysis = analyse(all, { draws: 200 })
  const guards = analysis.curves.flatMap(c => c.points.flatMap(p => p.guards))
  return { analysis, guards, words: analysis.answer.join('\n') }
}

test('held out, one data set, all seeds: nothing to say', () => {
  expect(read(with_(() => ({}))).guards).toEqual([])
})

test('nothing held out: every trained point has a warning, and the answer says so', () => {
  const { guards, words } = read(
    with_(() => ({
      provenance: inputs('nothing is held out'),
      spec: { data: { path: 'd', holdout: 0 } },
    })),
  )
  expect(new Set(guards.map(g => g.kind))).toEqual(new Set(['not-held-out']))
  expect(guards[0]?.suggestion).toMatchObject({
    change: { data: { holdout: 0.05 } },
    command: expect.stringMatching(/^spw train --spec runs\/.* --holdout 0\.05$/),
  })
  expect(words).toContain(
    '1 of 1 curves have runs that were or may have been tested on what they trained on',
  )
  expect(words).not.toContain('may not have converged')
})

test.each([
  { parent: inputs('nothing is held out'), warnings: 9 },
  { parent: shared, warnings: 0 },
  // other data: nothing is known against it
  { parent: inputs('nothing is held out', 'sha256 bb'), warnings: 0 },
])('a prompt that started from $parent.dataset.heldOut, $parent.dataset.fingerprint', of => {
  const { guards } = read(with_(run => (run.tokens > 0 ? { parent: of.parent } : {})))
  expect(guards.filter(g => g.kind === 'not-held-out')).toHaveLength(of.warnings)
  if (of.warnings > 0)
    expect(guards[0]?.reason).toBe(
      'its prompt started from a run with another split of the same data (nothing is held out), so it may be tested on what that trained on',
    )
})

describe('a file that changed between the runs', () => {
  test.each([
    ['data', inputs('5 % of the records, by content hash', 'sha256 bb'), /^its data are not what /],
    ['weights', inputs('5 % of the records, by content hash', 'sha256 aa', 'w2'), /^its model is /],
  ])('%s', (_, provenance, reason) => {
    const { guards, words } = read(with_(run => (run.tokens === 16 ? { provenance } : {})))
    expect(guards.map(g => g.kind)).toEqual(['other-data', 'other-data', 'other-data'])
    expect(guards[0]?.reason).toMatch(reason)
    expect(words).toContain('data or model changed between the runs: they cannot be compared')
  })
})

describe('a seed that diverged', () => {
  const lost = (seed: number) =>
    with_(run =>
      run.tokens === 4 && run.seed === seed
        ? { state: 'failed', metrics: {}, steps: 40, failure: 'at step 41 the loss is NaN' }
        : {},
    )

  test('is reported on the point that the others make, and why it is left out', () => {
    const { analysis, guards } = read(lost(1))
    expect(guards).toEqual([
      expect.objectContaining({
        kind: 'failed',
        level: 'warning',
        reason: 'seed 1 failed at step 40 and is left out: only seeds that came through are shown',
        suggestion: expect.objectContaining({ change: { optimizer: { learningRate: 0.00033 } } }),
      }),
    ])
    expect(analysisText(analysis)).toMatch(
      /Left out:\n.*-4-1: the run failed before its final test: at step 41 the loss is NaN/,
    )
  })

  test('of another way of training, or that came through at another try, says nothing', () => {
    const other = lost(1).map(run =>
      run.state === 'failed' ? { ...run, settings: { 'optimizer.learningRate': '1' } } : run,
    )
    expect(read(other).guards).toEqual([])
    const again = { ...with_(() => ({})).find(r => r.tokens === 4 && r.seed === 1), id: 'again' }
    expect(read([...lost(1), again as AnalysedRun]).guards).toEqual([])
  })
})
