// A control belongs to its run: it stands beside the run's behaviour, marked, wherever one could take it for a behaviour.
import { expect, test } from 'vitest'
import { curveChart } from '../../src-renderer/stores/analysis-view'
import { analyse } from '../../src-worker/analysis/analyse'
import { controlIds } from '../../src-worker/analysis/controls'
import { pointsCsv } from '../../src-worker/analysis/csv'
import { reportHtml } from '../../src-worker/analysis/report-html'
import { analysisText } from '../../src-worker/analysis/text'
import { behaviourName } from '../../src-worker/behaviours/registry'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { rowsOf } from '../../src-worker/contract/analysis-text'
import { answerCards } from '../../src-worker/contract/answer-card'
import { isControlData } from '../../src-worker/shared/control-data'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { answered, baseline, curve } from './answered'

const quick = { includePublished: false, draws: 500 } as const
const file = '/home/me/datasets/controls/0123456789abcdef-shuffled.jsonl'
const own = { 'optimizer.learningRate': '0.001', 'data.path': '/d/pairs.jsonl' }
const trained = curve({ 1: [2, 3], 4: [60, 62] }).map(run => ({ ...run, settings: own }))
const bare = { ...baseline('none', 0), settings: own }

/** As analysedRun reads one: its own data, so its own behaviour by name. */
const made = (right: number, over: Partial<AnalysedRun> = {}): AnalysedRun => ({
  ...answered({ tokens: 4, seed: 0 }, right),
  ...{
    id: 'the-control',
    name: 'Control of x',
    baseline: 'control',
    behaviour: 'control of custom',
  },
  ...{ dataset: '0123456789abcdef-shuffled', settings: { ...own, 'data.path': file } },
  ...over,
})

test.each([
  ['/home/me/datasets/controls/0123456789abcdef-shuffled.jsonl', true],
  ['D:\\me\\spw\\datasets\\controls\\0123456789abcdef-shuffled.pgn', true],
  ['/home/me/datasets/controls/0123456789abcdef-held-out.jsonl', false],
  ['/home/me/datasets/my-shuffled.jsonl', false],
])('data of controls are known by their place: %s', (path, is) => {
  expect(isControlData(path)).toBe(is)
})

test('its run’s behaviour is named, not its file', () => {
  const spec = (kind: 'custom' | 'chess') =>
    resolveSpec({
      ...{ experiment: { kind }, model: 'm', prompt: { type: 'direct', tokens: 4 } },
      data: { path: file },
    })
  expect(behaviourName(spec('custom'))).toBe('control of own behaviour')
  const { experiment, data } = spec('custom')
  const contains = { ...experiment, scorer: 'contains' } as typeof experiment
  expect(behaviourName({ experiment: contains, data })).toBe('control of own behaviour, contains')
  expect(behaviourName(spec('chess'))).toBe('control of chess')
})

test('sentence, table, chart, files and report have it beside its behaviour, and no behaviour more', () => {
  const runs = [bare, ...trained, made(5)]
  const analysis = analyse(runs, quick)
  expect(analysis.behaviours).toHaveLength(1)
  expect(analysis.skipped).toEqual([])
  expect(analysis.matrix.cells).toHaveLength(1)
  const [found] = analysis.curves
  if (found === undefined || analysis.curves.length > 1) throw new Error('not one curve')
  expect(rowsOf(found).map(({ words }) => words)).toEqual(['0, no prompt', '1', '4, control', '4'])
  expect(found.points.map(p => p.tokens)).toEqual([1, 4])
  const chart = curveChart(analysis, found.behaviour, undefined)
  expect(chart.series.map(({ name, x }) => [name, x])).toEqual([
    ['demo', [0, 1, 4]],
    ['demo, control', [4]],
  ])
  const [card, ...others] = answerCards(analysis)
  expect(others).toEqual([])
  expect(card?.verdict).toBe('Elicited')
  expect(card?.sentence).toMatch(
    /elicited, 0\.95 .*, beside 0 .*without a prompt and 0\.078 .*with its control \(4 tokens\)/,
  )
  expect(card?.state).toBe('converged, all 5 runs are done')
  expect(pointsCsv(analysis)).toMatch(/,control,4,/)
  expect(analysisText(analysis)).toMatch(/demo, 4, control/)
  const html = reportHtml({ analysis, runs, generatedAt: '2026-11-30T00:00', version: '0' })
  expect(html).toMatch(/1 behaviour · 1 model/)
  expect(html).toContain('<td class="n">4, control</td>')
  expect(html).not.toContain('own behaviour 0123456789abcdef')
})

test('without a baseline it does not take the place of one', () => {
  const analysis = analyse([...trained, made(5)], quick)
  const { series } = curveChart(analysis, analysis.curves[0]?.behaviour ?? '', undefined)
  expect(series.map(({ x }) => x)).toEqual([[1, 4], [4]])
})

test('a control that reaches the target takes the verdict away, in every place', () => {
  const analysis = analyse([bare, ...trained, made(50)], quick)
  const [card] = answerCards(analysis)
  expect(card?.verdict).toBe('Undecided')
  expect(card?.tokens).toBe(
    '0.78 (95 %: 0.68 – 0.88) with its control (4 tokens), whose data say nothing of it, reaches the target as well: the prompt itself taught it',
  )
})

test('one that a person shuffled is known by the run that was read against it', () => {
  const hand = made(5, {
    name: 'mine',
    dataset: 'shuffled-pairs',
    behaviour: 'own behaviour shuffled-pairs',
  })
  const { baseline: _kind, ...free } = hand
  const control = { ...free, settings: { ...own, 'data.path': '/d/shuffled-pairs.jsonl' } }
  // nothing says so yet: a behaviour as any other
  expect(analyse([bare, ...trained, control], quick).behaviours).toHaveLength(2)
  const read = trained.map(run =>
    run.tokens === 4 && run.seed === 0
      ? { ...run, bits: { paid: 1, answer: { control: control.id } } as AnalysedRun['bits'] & {} }
      : run,
  )
  expect([...controlIds([bare, ...read, control])]).toEqual([control.id])
  const { behaviours, curves } = prepared([bare, ...read, control])
  expect(behaviours).toEqual(['custom / sample'])
  expect(curves).toEqual([['4, control']])
})

function prepared(runs: readonly AnalysedRun[]) {
  const withBits = runs.map(({ bits: _bits, ...run }) => run)
  const { behaviours, curves } = analyse(
    runs.map((run, i) => (run.bits === undefined ? (withBits[i] ?? run) : run)),
    quick,
  )
  const controls = curves.map(c => rowsOf(c).flatMap(r => (r.kind === 'control' ? [r.words] : [])))
  return { behaviours: behaviours.map(b => b.id), curves: controls }
}

test('one whose run is not here, is not known, or that diverged is left out with the reason', () => {
  const why = (runs: readonly AnalysedRun[]) => analyse(runs, quick).skipped.map(s => s.reason)
  expect(why([made(5)])).toEqual(['it is a control, and the run that it belongs to is not here'])
  const twin = trained.map(r => ({
    ...r,
    id: `${r.id}b`,
    dataset: 'other',
    settings: { ...own, 'data.path': '/o' },
  }))
  expect(why([...trained, ...twin, made(5)])).toEqual([
    'it is a control, and it could belong to several runs (spw bits RUN --control the-control says which)',
  ])
  const called = [...trained, ...twin.map(r => ({ ...r, name: 'x' })), made(5)]
  expect(why(called)).toEqual([])
  expect(
    why([...trained, made(5, { hasDiverged: true, state: 'failed', metrics: {}, failure: 'NaN' })]),
  ).toEqual(['it is a control, and its training diverged'])
})

test('a control that failed is no lost seed of its run, and does not keep the answer preliminary', () => {
  const lost = made(5, { state: 'failed', metrics: {}, seed: 9 })
  const analysis = analyse([bare, ...trained, lost], quick)
  expect(
    analysis.curves[0]?.points.flatMap(p => p.guards.filter(g => g.kind === 'failed')),
  ).toEqual([])
  expect(analysis.elicited[0]?.runs).toMatchObject({ done: 5, all: 5, failures: [] })
})

test('under numbers and bits it keeps its mark', () => {
  const paid = (n: number) => ({ bits: { paid: n, answer: null } })
  const runs = [bare, ...trained.map(r => ({ ...r, ...paid(100 * r.tokens) })), made(5, paid(90))]
  const words = (axis: 'numbers' | 'bits') =>
    analyse(runs, { ...quick, axis }).curves.flatMap(c => rowsOf(c).map(r => r.words))
  expect(words('numbers')).toContain('256, control')
  expect(words('bits')).toContain('90, control')
})

test('a control that was trained once more at a smaller rate stands beside its run', () => {
  const at = (rate: string) => ({ settings: { 'optimizer.learningRate': rate } })
  const runs = trained.map(run => ({ ...run, ...at('0.03') }))
  const why = (rate: string) =>
    analyse([bare, ...runs, made(5, at(rate))], quick).skipped.map(s => s.reason)
  expect(why('0.01')).toEqual([])
  expect(why('0.02')).toEqual(['it is a control, and the run that it belongs to is not here'])
})

test('one that diverged says nothing, in every place, unless it reached the target all the same', () => {
  const steps = Array.from({ length: 64 }, (_, i) => i + 1)
  const trainLoss = { steps, values: steps.map(s => (s < 32 ? 4 - s / 16 : 5)) }
  const said = (right: number) => {
    const analysis = analyse([bare, ...trained, made(right, { trainLoss })], quick)
    const [card] = answerCards(analysis)
    const kinds = analysis.curves.flatMap(c => rowsOf(c).map(r => r.kind))
    const left = analysis.skipped.map(s => s.reason)
    return { verdict: card?.verdict, isShown: kinds.includes('control'), left }
  }
  const left = ['it is a control, and its training diverged']
  expect(said(5)).toEqual({ verdict: 'Elicited', isShown: false, left })
  expect(said(50)).toEqual({ verdict: 'Undecided', isShown: true, left: [] })
})

test('one that was stopped early, or trained for fewer steps, says nothing unless it reached the target', () => {
  const said = (right: number, over: Partial<AnalysedRun>) => {
    const analysis = analyse([bare, ...trained, made(right, over)], quick)
    const [card] = answerCards(analysis)
    const kinds = analysis.curves.flatMap(c => rowsOf(c).map(r => r.kind))
    const left = analysis.skipped.map(s => s.reason)
    return { verdict: card?.verdict, isShown: kinds.includes('control'), left }
  }
  const left = [
    'it is a control, and was trained for 100 steps where its run was for 512: what it does not reach says nothing',
  ]
  for (const state of ['stopped', 'done'] as const) {
    expect(said(5, { state, steps: 100 })).toEqual({ verdict: 'Elicited', isShown: false, left })
    expect(said(50, { state, steps: 100 })).toMatchObject({ verdict: 'Undecided', isShown: true })
  }
  expect(said(5, { steps: 512 })).toEqual({ verdict: 'Elicited', isShown: true, left: [] })
  // longer than its run: no less of a control
  expect(said(5, { steps: 600 })).toMatchObject({ isShown: true })
})
