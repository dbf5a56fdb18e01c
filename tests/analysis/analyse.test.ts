// From runs to the answer: the paper's runs alone, our own, both beside each other.
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse, concludeAnalysis, prepareAnalysis } from '../../src-worker/analysis/analyse'
import { publishedRuns } from '../../src-worker/analysis/published'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { analysisSchema, type Curve } from '../../src-worker/contract/analysis'
import { neededText } from '../../src-worker/contract/analysis-text'
import { run, sweep } from './fixtures'

const resources = resolve(import.meta.dirname ?? __dirname, '../../resources')
let paper: AnalysedRun[] = []
beforeAll(async () => {
  paper = await publishedRuns(resources)
})

const text = {
  over: { experiment: 'autoregressive' },
  none: 4,
  losses: { 1: 3.1, 4: 2.2, 16: 2, 64: 2 },
}
const chess = {
  over: { experiment: 'chess', dataset: 'games' },
  none: 3,
  startToken: 2,
  losses: { 1: 1.9, 4: 1.6, 16: 1.3, 64: 1 },
}
const own = (): AnalysedRun[] => [...sweep(text), ...sweep(chess)]
const curveOf = (curves: readonly Curve[], experiment: string): Curve => {
  const found = curves.find(c => c.behaviour.startsWith(experiment))
  if (found === undefined) throw new Error(`no curve of ${experiment}`)
  return found
}

describe("the paper's runs alone", () => {
  test('curves and tokens needed for all six experiments', () => {
    const analysis = analyse(paper, { draws: 400 })
    expect(analysis.curves).toHaveLength(36)
    expect(new Set(analysis.behaviours.map(b => b.experiment)).size).toBe(6)
    for (const curve of analysis.curves) {
      expect(curve.points.length, curve.id).toBeGreaterThanOrEqual(4)
      // on the Pile no prompt beats none: the paper says so, too
      const isGapless = curve.behaviour === 'autoregressive / Pile' && !curve.model.includes('70m')
      expect(curve.needed.kind === 'unknown', curve.id).toBe(isGapless)
      expect(curve.saturation.kind, curve.id).not.toBe('unknown')
      expect(curve.points.every(p => p.interval?.over === 'units')).toBe(true)
    }
    expect(analysis.matrix.cells).toHaveLength(36)
    expect(analysis.skipped).toEqual([])
    expect(analysis.answer[0]).not.toBe('')
  })

  test('numbers that can be read off by hand', () => {
    const analysis = analyse(paper, { draws: 200, threshold: { kind: 'absolute', value: 1.0122 } })
    const curve = analysis.curves.find(
      c => c.behaviour.startsWith('chess') && c.model.includes('160m'),
    )
    expect(curve?.needed).toMatchObject({ kind: 'reached' })
    if (curve?.needed.kind === 'reached') expect(curve.needed.tokens).toBeCloseTo(64, 6)
    const other = analysis.curves.find(c => c.behaviour.startsWith('pathfinding'))
    expect(other && neededText(other.needed)).toMatch(/^1\.\d$/)
  })

  test('survives zod, JSON and structured clone; the same twice', () => {
    const analysis = analyse(paper, { draws: 100 })
    expect(analysisSchema.parse(analysis)).toEqual(analysis)
    expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis)
    expect(structuredClone(analysis)).toEqual(analysis)
    expect(analyse(paper, { draws: 100 })).toEqual(analysis)
  })

  test('a moved threshold needs no new draws', () => {
    const prepared = prepareAnalysis(paper, { draws: 200 })
    const a = concludeAnalysis(prepared, { threshold: { kind: 'share', share: 0.5 } })
    expect(a).toEqual(analyse(paper, { draws: 200, threshold: { kind: 'share', share: 0.5 } }))
  })

  test('chat detuning shows the untuned model as a line', () => {
    const { curves } = analyse(paper, { draws: 0 })
    const tuned = curves.filter(c => c.behaviour.startsWith('chat detuning'))
    expect(tuned.map(c => c.references.map(r => r.value))).toEqual([[2.3097], []])
  })
})

describe('our own runs', () => {
  test('gains are read against the better baseline', () => {
    const { curves } = analyse(own(), { draws: 400 })
    const curve = curveOf(curves, 'chess')
    expect(curve.better).toBe('start-token')
    expect(curve.baselines.map(b => b.kind)).toEqual(['none', 'start-token'])
    const point = curve.points[1]
    expect(point?.gain?.value).toBeCloseTo(2 - (point?.value ?? 0), 12)
    expect(point?.interval).toMatchObject({ over: 'seeds', seeds: 2, units: 0 })
    expect(point?.bitsPerPromptToken).toBeCloseTo((point?.gain?.value ?? 0) / Math.LN2 / 4, 12)
  })

  test('the answer names the nearer behaviour and how sure that is', () => {
    const threshold = { kind: 'absolute', value: 2.2 } as const
    const { answer, matrix } = analyse(own(), {
      draws: 1000,
      threshold,
      thresholds: { chess: { kind: 'absolute', value: 1.2 } },
    })
    expect(answer[0]).toMatch(
      /^demo: autoregressive is nearer, it needs \d(\.\d)? tokens \(95 %: .*\); chess is farther, it needs \d\d tokens/,
    )
    expect(answer[0]).toMatch(/The difference is larger than the noise\.$/)
    expect(matrix.cells.map(c => c.level)).toEqual([0, 1])
  })

  test('saturation', () => {
    const { curves } = analyse(own(), { draws: 1000 })
    expect(curveOf(curves, 'autoregressive').saturation).toMatchObject({
      kind: 'saturated',
      tokens: 16,
    })
    expect(curveOf(curves, 'chess').saturation).toMatchObject({
      kind: 'still-improving',
      tokens: 64,
    })
  })

  test('parameters at the tokens needed lie between those of the lengths', () => {
    const threshold = { kind: 'absolute', value: 1.2 } as const
    const { needed } = curveOf(analyse(own(), { draws: 0, threshold }).curves, 'chess')
    if (needed.kind !== 'reached') throw new Error(needed.kind)
    expect(needed.parameters).toBe(Math.round(needed.tokens * 64))
    expect(needed.interval).toBeNull()
  })

  test('units: the same tokens, other numbers', () => {
    const nats = curveOf(analyse(own(), { draws: 200 }).curves, 'chess')
    for (const unit of ['bits', 'perplexity'] as const) {
      const other = curveOf(analyse(own(), { draws: 200, unit }).curves, 'chess')
      expect(other.needed).toEqual(nats.needed)
      const value = nats.points[0]?.value ?? 0
      const shown = unit === 'bits' ? value / Math.LN2 : Math.exp(value)
      expect(other.points[0]?.value).toBeCloseTo(shown, 9)
      expect(other.points[0]?.interval?.low).toBeLessThan(shown)
      expect(other.points[0]?.interval?.high).toBeGreaterThan(shown)
    }
  })

  test('one seed without documents: no interval, and it says so', () => {
    const { curves, answer } = analyse(
      [...sweep({ ...text, seeds: 1 }), ...sweep({ ...chess, seeds: 1 })],
      { draws: 200 },
    )
    expect(curves.every(c => c.points.every(p => p.interval === null))).toBe(true)
    expect(curves[0]?.saturation).toEqual({
      kind: 'unknown',
      reason: 'one seed and no held-out units: the noise is unknown',
    })
    expect(answer[0]).toMatch(
      /^demo: autoregressive needs 4 tokens; chess needs more than 16 tokens/,
    )
  })

  test('another way of training is another curve, named by what differs', () => {
    const faster = sweep({
      ...text,
      over: { ...text.over, settings: { 'optimizer.learningRate': '0.01' } },
    })
    const renamed = faster.map(r => ({ ...r, id: `${r.id}-fast` }))
    const { curves } = analyse([...sweep(text), ...renamed], { draws: 0 })
    expect(curves.map(c => c.label)).toEqual([
      'demo · learning rate 0.001',
      'demo · learning rate 0.01',
    ])
    expect(curves.every(c => c.baselines.length === 1)).toBe(true)
  })

  test('a repeated run counts once, the one that went further', () => {
    const runs = sweep(text)
    const again = run({ ...text.over, tokens: 4, seed: 0, steps: 100, loss: 9, id: 'short' })
    const { curves, skipped } = analyse([...runs, again], { draws: 0 })
    expect(curves[0]?.points.find(p => p.tokens === 4)?.seeds.map(s => s.run)).not.toContain(
      'short',
    )
    expect(skipped).toEqual([
      {
        run: 'short',
        reason:
          'autoregressive-demo-trained-4-0 has the same settings and seed, and went at least as far',
      },
    ])
  })

  test('runs without the metric are told; a metric that none has is a fault', () => {
    const failed = run({ state: 'failed', metrics: {}, id: 'broken', seed: 9 })
    expect(analyse([...own(), failed], { draws: 0 }).skipped).toEqual([
      { run: 'broken', reason: 'the run failed before its final test' },
    ])
    expect(() => analyse(own(), { metric: 'Luck' })).toThrow(
      'none of the 13 runs has the metric "Luck"'.replace('13', String(own().length)),
    )
  })

  test('nothing at all is an answer too', () => {
    expect(analyse([]).answer).toEqual([
      'No curve has a trained soft prompt yet: run a sweep such as 0, 1, 4, 16 tokens.',
    ])
  })
})

describe('beside the paper', () => {
  const pythia = (): AnalysedRun[] =>
    sweep({
      over: {
        experiment: 'skip-tokens',
        behaviour: 'skip 2',
        model: 'models/pythia-70m-deduped',
        dataset: 'my_text',
      },
      none: 15,
      losses: { 1: 11.2, 4: 10.5, 16: 10.4 },
      noise: 0.05,
    })

  test('its curve stands under our behaviour, its other ones do not', () => {
    const { curves, behaviours, differences } = analyse([...pythia(), ...paper], { draws: 400 })
    expect(behaviours.map(b => b.id)).toEqual(['skip 2 / my_text'])
    expect(curves.map(c => c.label)).toEqual([
      'pythia-70m-deduped',
      'pythia-70m-deduped · on RedPajamaV2 · paper',
    ])
    expect(differences.map(d => d.tokens)).toEqual([0, 1, 4, 16])
    const last = differences[3]
    expect(last?.published).toBeCloseTo(10.4458, 6)
    expect(last?.difference).toBeCloseTo((last?.own ?? 0) - 10.4458, 9)
    expect(last?.remarks).toEqual([
      '512 steps, the paper 1536',
      'data my_text, the paper RedPajamaV2',
      'tested on held-out data, the paper on its stream',
    ])
  })

  test('none of it, or all of it, on request', () => {
    const without = analyse([...pythia(), ...paper], { draws: 0, includePublished: false })
    expect(without.curves).toHaveLength(1)
    const all = analyse([...pythia(), ...paper], { draws: 0, published: 'all' })
    expect(all.curves).toHaveLength(1 + 36)
  })
})
