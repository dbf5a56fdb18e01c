// A demo's answer as a chart and as words.
import { curvePoints, type Demo, type DemoAnswer } from '../../../src-worker/contract/demo'
import { percent } from '../../../src-worker/shared/percent'
import type { LineChartSpec } from '../../charts/chart-spec'
import { count, measure } from '../../text/format'

export const valueText = (demo: Demo, value: number | null): string =>
  value === null ? '–' : demo.measure.share ? percent(value) : measure(value)

export function demoChart(demo: Demo, answer: DemoAnswer): LineChartSpec {
  const references = answer.parts.flatMap(({ rows }) =>
    rows.flatMap(({ role, name, value }) =>
      role === 'reference' && value !== null ? [{ y: value, label: name }] : [],
    ),
  )
  return {
    label: `${demo.measure.name}, against soft tokens`,
    series: answer.parts.map(({ name, rows }, i) => ({
      ...{ id: name, name, colour: i + 1, dots: true },
      x: curvePoints(rows).map(({ tokens }) => tokens),
      y: curvePoints(rows).map(({ value }) => value),
    })),
    x: { name: 'soft tokens', scale: 'tokens', format: count },
    y: {
      ...{ name: '', scale: 'linear' },
      ...(demo.measure.share ? { min: 0, format: (value: number) => percent(value) } : {}),
    },
    levels: references,
  }
}
