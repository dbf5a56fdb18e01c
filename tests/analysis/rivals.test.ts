// What was not trained here stands beside what was: each text and each adapter a point of its own, under its own length.
import { expect, test } from 'vitest'
import { curveChart } from '../../src-renderer/stores/analysis-view'
import { analyse } from '../../src-worker/analysis/analyse'
import { pointsCsv } from '../../src-worker/analysis/csv'
import { analysisText } from '../../src-worker/analysis/text'
import { rowsOf } from '../../src-worker/contract/analysis-text'
import { elicitationText } from '../../src-worker/contract/elicitation'
import { answered, baseline, curve } from './answered'
import { run, sweep } from './fixtures'

const settings = (init: Record<string, string>) => ({
  'optimizer.learningRate': '0.001',
  ...Object.fromEntries(Object.entries(init).map(([k, v]) => [`prompt.init.${k}`, v])),
})
const text = (words: string, tokens: number, loss: number) =>
  run({
    ...{ tokens, loss, id: words, baseline: 'text-prompt', steps: 0 },
    settings: settings({ kind: 'text', text: words }),
  })
const adapter = (path: string, tokens: number, loss: number) =>
  run({
    ...{ tokens, loss, id: path, baseline: 'imported-prompt', steps: 0 },
    settings: settings({ kind: 'snapshot', path }),
  })
const own = sweep({ none: 4, losses: { 1: 3, 4: 2 }, seeds: 1, noise: 0 })
const quick = { includePublished: false, draws: 200 } as const

test('two of one length are two points, in the order of the axis', () => {
  const given = [
    text('a b', 2, 3.5),
    text('c d', 2, 3.1),
    adapter('/x', 8, 2.2),
    adapter('/y', 8, 2.4),
  ]
  const analysis = analyse([...own, ...given], quick)
  expect(analysis.skipped).toEqual([])
  const [found] = analysis.curves
  if (found === undefined) throw new Error('no curve')
  expect(rowsOf(found).map(({ words, point }) => [words, point.value])).toEqual([
    ['0, no prompt', 4],
    ['1', 3],
    ['2, text prompt', 3.5],
    ['2, text prompt', 3.1],
    ['4', 2],
    ['8, imported prompt', 2.2],
    ['8, imported prompt', 2.4],
  ])
  expect(
    pointsCsv(analysis)
      .split('\n')
      .slice(1)
      .map(line => line.split(',').slice(4, 6).join(' ')),
  ).toEqual(expect.arrayContaining(['text-prompt 2', 'trained 4', 'imported-prompt 8']))
  const terminal = analysisText(analysis)
  expect(terminal).toMatch(/demo, 8, imported prompt +2\.200/)
  const chart = curveChart(analysis, found.behaviour, undefined)
  expect(chart.series.map(({ name, x }) => [name, x])).toEqual([
    ['demo', [0, 1, 4]],
    ['demo, text prompt', [2, 2]],
    ['demo, imported prompt', [8, 8]],
  ])
  // they say nothing of what training needs
  expect(found.points.map(p => p.tokens)).toEqual([1, 4])
})

test('under trained numbers they are counted by their rows', () => {
  const { curves } = analyse([...own, adapter('/x', 8, 2.2)], { ...quick, axis: 'numbers' })
  expect(curves[0]?.baselines.map(b => [b.kind, b.point.tokens])).toEqual([
    ['none', 0],
    ['imported-prompt', 512],
  ])
})

test('the answer tells them beside its own', () => {
  const rival = {
    ...answered({ tokens: 8, steps: 0 }, 62),
    ...{ id: 'rival', baseline: 'imported-prompt' as const, settings: settings({ path: '/x' }) },
  }
  const runs = [baseline('none', 0), ...curve({ 1: [2, 3], 4: [60, 62] }), rival]
  const [first] = analyse(runs, { ...quick, draws: 500 }).elicited
  if (first === undefined) throw new Error('no answer')
  expect(elicitationText(first)).toMatch(
    /elicited, 0\.95 .* with 4 tokens, beside 0 .*without a prompt and 0\.97 .*with the imported prompt \(8 tokens\)/,
  )
})

test('what was tested on something else is left out, with the reason', () => {
  const other = { ...text('a b', 2, 3), settings: { 'training.length': '64' } }
  const runs = own.map(r => ({ ...r, settings: { ...r.settings, 'training.length': '32' } }))
  const { skipped, curves } = analyse([...runs, other], quick)
  expect(curves[0]?.baselines.map(b => b.kind)).toEqual(['none'])
  expect(skipped).toEqual([
    {
      run: 'a b',
      reason: 'no curve was tested as it was: its data, experiment or length are other ones',
    },
  ])
})
