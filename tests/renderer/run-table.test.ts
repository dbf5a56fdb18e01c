// Rows of the table of runs, and the grid and curves of a sweep.
import { describe, expect, test } from 'vitest'
import { columnsFor, usualColumns } from '../../src-renderer/components/runs/run-columns'
import { meanText, rowsOf, sorted } from '../../src-renderer/components/runs/run-rows'
import { answerOf } from '../../src-renderer/components/sweep/sweep-answer'
import { curvesOf, gridOf } from '../../src-renderer/components/sweep/sweep-grid'
import {
  bestLossText,
  promptLossText,
  quickTestHint,
  quickTestText,
  runLossText,
} from '../../src-renderer/text/loss-text'
import { sumText } from '../../src-renderer/text/plan-text'
import { distinctTitles } from '../../src-renderer/text/run-text'
import type { Plan } from '../../src-worker/contract/plan'
import { aRun, only } from './a-run'

const final = (value: number) => ({ 'Final Test Loss Average': only(value) })
const cell = (tokens: number, seed: number, loss: number) =>
  aRun({
    id: `${tokens}-${seed}`,
    metrics: final(loss),
    spec: {
      seed,
      prompt: tokens === 0 ? { type: 'none' } : { type: 'direct', tokens, init: { kind: 'zero' } },
    },
  })
const runs = [cell(0, 0, 3.5), cell(1, 0, 3), cell(1, 1, 3.2), cell(4, 0, 2.9), cell(4, 1, 2.7)]
const column = (id: string) => columnsFor(runs).find(c => c.id === id)!

test('every usual column exists', () => {
  for (const id of usualColumns) expect(column(id), id).toBeDefined()
})

test('sorting puts what is missing last, whichever way', () => {
  const none = aRun({ id: 'none' })
  const by = column('Final Test Loss Average|last')
  const ids = (descending: boolean) => sorted([none, ...runs], by, descending).map(r => r.id)
  expect(ids(false)).toEqual(['4-1', '4-0', '1-0', '1-1', '0-0', 'none'])
  expect(ids(true)).toEqual(['0-0', '1-1', '1-0', '4-0', '4-1', 'none'])
})

test('grouping by all but the seed, with opened groups', () => {
  const rows = rowsOf(runs, 'seeds', key => key.includes('"tokens":4'))
  expect(rows.map(r => (r.kind === 'group' ? `${r.title} N=${r.runs.length}` : r.run.id))).toEqual([
    'autoregressive · tiny · no prompt N=1',
    'autoregressive · tiny · 1 token N=2',
    'autoregressive · tiny · 4 tokens N=2',
    '4-0',
    '4-1',
  ])
})

test.each([
  ['Final Test Loss Average|last', '2.800 ± 0.14'],
  ['seed', ''],
  ['state', ''],
  ['tokens', '4'],
])('the mean of %s over two seeds', (id, text) => {
  expect(meanText(runs.slice(3), column(id))).toBe(text)
})

test('a mean over fewer runs than there are says so', () => {
  const some = [...runs.slice(3), aRun({ id: 'unfinished' })]
  expect(meanText(some, column('Final Test Loss Average|last'))).toBe('2.800 ± 0.14 (2 runs)')
})

describe('a sweep', () => {
  test('is a grid: baselines first, then lengths', () => {
    const grid = gridOf(runs)
    expect(grid.columns.map(c => c.title)).toEqual(['no prompt', '1', '4'])
    expect(grid.rows.map(r => [r.title, r.cells.map(c => c.map(run => run.id))])).toEqual([
      ['seed 0', [['0-0'], ['1-0'], ['4-0']]],
      ['seed 1', [[], ['1-1'], ['4-1']]],
    ])
  })

  test('has one curve a model: means, with the range over seeds', () => {
    const [curve, ...others] = curvesOf(runs)
    expect(others).toEqual([])
    expect(curve).toMatchObject({ name: 'tiny', x: [0, 1, 4] })
    expect(curve?.y.map(y => y.toFixed(3))).toEqual(['3.500', '3.100', '2.800'])
    expect(curve?.band).toEqual({ low: [3.5, 3, 2.7], high: [3.5, 3.2, 2.9] })
  })

  test('answers in a sentence', () => {
    const [curve] = curvesOf(runs)
    expect(answerOf(curve!)).toBe('tiny: 3.500 without a prompt, 2.800 with 4 tokens.')
    expect(answerOf({ ...curve!, y: [3.5, 2.81, 2.8] })).toBe(
      'tiny: 3.500 without a prompt, 2.800 with 4 tokens. 1 token already gains 90 % of that.',
    )
    expect(answerOf({ ...curve!, y: [2, 3, 3] })).toBe(
      'tiny: no length is better than no prompt (2.000).',
    )
  })
})

test('a run is reported with its final loss, else with a loss that says what it is', () => {
  expect(runLossText(aRun({ metrics: { ...final(3), Loss: only(5) } }))).toBe('3.000 final test')
  expect(runLossText(aRun({ metrics: { 'Test Loss': only(4), Loss: only(5) } }))).toBe(
    '4.000 quick test',
  )
  expect(runLossText(aRun({ metrics: { Loss: only(5) } }))).toBe('5.000 train')
  expect(runLossText(aRun())).toBe('–')
})

test('lines of runs that are called the same are kept apart by seed, at last by id', () => {
  const named = (id: string, seed: number, name = '') => aRun({ id, name, spec: { seed } })
  const runs = [named('2026-aaaaaa', 0), named('2026-bbbbbb', 1), named('2026-cccccc', 1)]
  const other = named('2026-dddddd', 1, 'mine')
  expect([...distinctTitles([...runs, other]).values()]).toEqual([
    'seed 0 · 4 tokens · autoregressive · tiny',
    'bbbbbb · seed 1 · 4 tokens · autoregressive · tiny',
    'cccccc · seed 1 · 4 tokens · autoregressive · tiny',
    'mine',
  ])
})

test('a training loss is never shown as if it were held out', () => {
  const none = { quickTest: null, fullTest: null, finalTest: null, trainLoss: null }
  expect(promptLossText({ ...none, quickTest: 2, fullTest: 3, trainLoss: 1 })).toBe(
    'full test 3.000, quick test 2.000',
  )
  expect(promptLossText({ ...none, finalTest: 4, trainLoss: 1 })).toBe('final test 4.000')
  expect(promptLossText({ ...none, trainLoss: 1 })).toBe('train 1.000')
  expect(promptLossText(none)).toBe('–')
  expect(bestLossText({ ...none, quickTest: 2, fullTest: 3 })).toBe('3.000 full test')
  expect(bestLossText(none)).toBe('–')
  expect(quickTestText({ ...none, fullTest: 3, trainLoss: 1 })).toBe('1.000 train')
  expect(quickTestHint({ ...none, trainLoss: 1 })).toMatch(/^Not tested at this step/)
  expect(quickTestText({ ...none, quickTest: 2, trainLoss: 1 })).toBe('2.000')
})

test('a plan counts as a product when it is one', () => {
  const of = (tokens: readonly number[], seeds: readonly number[], baselines = 0) => ({
    cells: [
      ...tokens.flatMap(t => seeds.map(seed => ({ model: 'm', dataset: 'd', tokens: t, seed }))),
      ...Array.from({ length: baselines }, () => ({
        model: 'm',
        dataset: 'd',
        tokens: 0,
        seed: 0,
      })),
    ],
  })
  const said = (plan: object) => sumText(plan as Plan)
  expect(said(of([1, 4], [0, 1, 2], 2))).toBe('8 = 2 lengths × 3 seeds + 2 baselines')
  expect(said(of([4], [0]))).toBe('1')
})
