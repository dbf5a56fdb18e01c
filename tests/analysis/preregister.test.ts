// A frozen plan: what is done as planned deviates in nothing; every departure is reported.
import { describe, expect, test } from 'vitest'
import { deviationsOf, freeze, type Plan } from '../../src-worker/analysis/preregister'
import { settingsOf } from '../../src-worker/analysis/runs'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { analysisOptionsSchema } from '../../src-worker/contract/analysis'
import { frozenSweepSchema } from '../../src-worker/contract/frozen-sweep'
import { type RunSpec, runSpecSchema, sweepSpecSchema } from '../../src-worker/contract/run-spec'
import { run } from './fixtures'

const spec = (tokens: number, seed: number, over: Partial<RunSpec> = {}): RunSpec =>
  runSpecSchema.parse({
    experiment: { kind: 'autoregressive' },
    model: 'org/demo',
    data: { path: 'demo' },
    prompt:
      tokens === 0 ? { type: 'none' } : { type: 'direct', tokens, init: { kind: 'vocabulary' } },
    training: { steps: tokens === 0 ? 0 : 512 },
    seed,
    ...over,
  })
const planned = [spec(0, 0), spec(1, 0), spec(1, 1), spec(4, 0), spec(4, 1)]
const threshold = { kind: 'share', share: 0.9, of: 'curve' } as const
const plan: Plan = {
  sweep: sweepSpecSchema.parse({ base: { model: 'org/demo' }, tokens: [0, 1, 4], seeds: [0, 1] }),
  runs: planned,
  thresholds: { all: threshold },
  note: 'four tokens will do',
}
const frozen = freeze(plan, new Date('2026-11-01T00:00:00Z'))
const options = analysisOptionsSchema.parse({ threshold })
const done = (specs: readonly RunSpec[]): AnalysedRun[] =>
  specs.map((s, i) =>
    run({ id: `run-${i}`, name: `run ${i}`, spec: s, startedAt: '2026-11-02T00:00:00.000Z' }),
  )

test('the hash is of the content, not of its order, and survives a file', () => {
  const again = frozenSweepSchema.parse(JSON.parse(JSON.stringify(frozen)))
  expect(deviationsOf(again, done(planned), options)).toEqual([])
  const turned = {
    ...plan,
    thresholds: { all: { of: 'curve', share: 0.9, kind: 'share' } as const },
  }
  expect(freeze(turned, new Date('2026-11-01T00:00:00Z')).hash).toBe(frozen.hash)
  expect(freeze({ ...plan, note: 'other' }, new Date('2026-11-01T00:00:00Z')).hash).not.toBe(
    frozen.hash,
  )
  expect(frozen.hash).toMatch(/^[0-9a-f]{64}$/)
})

describe('deviations', () => {
  const kinds = (runs: readonly AnalysedRun[], with_ = options, of = frozen) =>
    deviationsOf(of, runs, with_).map(d => `${d.kind}: ${d.text}`)

  test('a behaviour that was to be read as all are, read at a threshold of its own', () => {
    const share = { ...threshold, share: 0.5 }
    const own = analysisOptionsSchema.parse({ threshold, thresholds: { chess: share } })
    expect(kinds(done(planned), own)).toEqual([
      expect.stringMatching(/^changed-threshold: chess: planned 90 % .*, used 50 % /),
    ])
  })

  test('none: names, devices and the seed of a baseline do not count', () => {
    const same = planned.map(s => ({ ...s, name: 'x', device: 'cpu' }))
    expect(kinds(done([{ ...spec(0, 7) }, ...same.slice(1)]))).toEqual([])
  })

  test.each([
    {
      name: 'a run is missing',
      runs: done(planned.slice(0, 4)),
      reported: ['missing-run: planned but not there: autoregressive, org/demo, 4 tokens, seed 1'],
    },
    {
      name: 'a run too many',
      runs: done([...planned, spec(16, 0)]),
      reported: ['unplanned-run: run 5 was not planned'],
    },
    {
      name: 'another learning rate and more steps',
      runs: done([
        ...planned.slice(0, 4),
        spec(4, 1, {
          optimizer: { ...spec(4, 1).optimizer, learningRate: 0.01 },
          training: { ...spec(4, 1).training, steps: 1024 },
        }),
      ]),
      reported: [
        'changed-setting: optimizer.learningRate: planned 0.001, done 0.01',
        'changed-setting: training.steps: planned 512, done 1024',
      ],
    },
    {
      name: 'a run that failed is no run that was done',
      runs: done(planned).map((r, i) =>
        i === 4 ? { ...r, state: 'failed' as const, failure: 'the loss is NaN' } : r,
      ),
      reported: ['missing-run: planned but failed: the loss is NaN'],
    },
    {
      name: 'a smaller test',
      runs: done([
        ...planned.slice(0, 4),
        spec(4, 1, { training: { ...spec(4, 1).training, finalTestBatches: 2 } }),
      ]),
      reported: ['changed-setting: training.finalTestBatches: planned 256, done 2'],
    },
    {
      name: 'started before the freezing',
      runs: done(planned).map((r, i) =>
        i === 0 ? { ...r, startedAt: '2026-10-31T00:00:00.000Z' } : r,
      ),
      reported: [
        'started-before-freezing: started 2026-10-31T00:00:00.000Z, before the plan was frozen (2026-11-01T00:00:00.000Z)',
      ],
    },
  ])('$name', ({ runs, reported }) => {
    expect(kinds(runs)).toEqual(reported)
  })

  test('another threshold', () => {
    const other = analysisOptionsSchema.parse({ threshold: { kind: 'absolute', value: 2 } })
    expect(kinds(done(planned), other)).toEqual([
      'changed-threshold: all: planned 90 % of the gap between baseline and the best of the same model, used 2 nats',
    ])
  })

  test('another metric than the plan is read at', () => {
    const other = analysisOptionsSchema.parse({ threshold, metric: 'Legal move rate' })
    expect(kinds(done(planned), other)).toEqual([
      'changed-metric: planned Final Test Loss Average, used Legal move rate',
    ])
  })

  test('a file that was edited', () => {
    expect(kinds(done(planned), options, { ...frozen, note: 'we knew it' })).toEqual([
      'hash: the frozen file was changed after it was frozen',
    ])
  })
})

describe('specs as words', () => {
  test('settings leave out the axes of a curve and what changes no number', () => {
    const settings = settingsOf(spec(4, 1))
    expect(settings).toMatchObject({ 'optimizer.learningRate': '0.001', 'prompt.type': 'direct' })
    expect(settingsOf(spec(16, 9, { name: 'n', device: 'cuda:1' }))).toEqual(settings)
  })
})
