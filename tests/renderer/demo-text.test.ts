// The chart of a demo: the better baseline begins the curve, and a reference is in sight however far it lies.
import { expect, test } from 'vitest'
import { xAxis } from '../../src-renderer/charts/line-axes'
import { lineOption } from '../../src-renderer/charts/line-option'
import type { Palette } from '../../src-renderer/charts/palette'
import { demoChart, measuredText } from '../../src-renderer/components/demo/demo-text'
import type { Demo, DemoAnswer } from '../../src-worker/contract/demo'

const row = (role: string, name: string, tokens: number, value: number) => ({
  ...{ role, name, tokens, value, cell: name, run: name, loss: value, beside: [] },
})
const rows = [
  row('baseline', 'no prompt', 0, 5.5),
  row('baseline', 'start token', 0, 5.7),
  row('reference', 'its base model', 0, 3.7),
  row('trained', '16 soft tokens', 16, 4.5),
]

test.each([
  [false, [5.5, 4.5], 'start token'],
  [true, [5.7, 4.5], 'no prompt'],
] as const)('of a share (%s) or a loss', (share, curve, beside) => {
  const demo = { measure: { name: 'it', share }, parts: [] } as unknown as Demo
  const answer = { parts: [{ name: 'model', rows }] } as unknown as DemoAnswer
  const chart = demoChart(demo, answer)
  expect(chart.series.map(({ name }) => name)).toEqual(['model', beside])
  expect(chart.series[0]?.y).toEqual(curve)
  const { series } = lineOption(chart, {
    text: '',
    panel: '',
    series: ['#000'],
  } as unknown as Palette)
  const levels = (series as { id: string; data: unknown }[]).find(({ id }) => id === 'levels')
  expect(levels?.data).toEqual([[expect.any(Number), 3.7]])
})

test.each([
  [true, ': 450 % with 16 soft tokens, 570 % without.'],
  [false, ': 4.500 with 16 soft tokens, 5.500 without.'],
])('what was measured, in a sentence (a share: %s)', (share, text) => {
  const demo = { measure: { name: 'it', share } } as unknown as Demo
  const part = { name: 'model', rows } as unknown as DemoAnswer['parts'][number]
  expect(measuredText(demo, part)).toBe(`It${text}`)
  expect(measuredText(demo, { ...part, rows: part.rows.slice(0, 3) })).toBe('')
})

test('the axis has room for every length, also while one is measured', () => {
  const cells = [0, 1, 4].map(tokens => ({ tokens }))
  const demo = { measure: { name: 'it', share: true }, parts: [{ cells }] } as unknown as Demo
  const answer = { parts: [{ name: 'model', rows: rows.slice(0, 1) }] } as unknown as DemoAnswer
  expect(xAxis(demoChart(demo, answer), {} as Palette, {})).toMatchObject({ max: 3.3 })
})
