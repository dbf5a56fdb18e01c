// The chart of a demo: the better baseline begins the curve, and a reference is in sight however far it lies.
import { expect, test } from 'vitest'
import { lineOption } from '../../src-renderer/charts/line-option'
import type { Palette } from '../../src-renderer/charts/palette'
import { demoChart } from '../../src-renderer/components/demo/demo-text'
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
  const demo = { measure: { name: 'it', share } } as unknown as Demo
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
