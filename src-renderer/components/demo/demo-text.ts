// A demo's answer as a chart and as words.
import { curvePoints, type Demo, type DemoAnswer } from '../../../src-worker/contract/demo'
import { capitalised } from '../../../src-worker/shared/names'
import { percent } from '../../../src-worker/shared/percent'
import type { ChartSeries, LineChartSpec } from '../../charts/chart-spec'
import { count, measure } from '../../text/format'

export const valueText = (demo: Demo, value: number | null): string =>
  value === null ? '–' : demo.measure.share ? percent(value) : measure(value)

/** "Moves as people played them: 28 % with 4 soft tokens, 0 % without."; empty: both are not measured yet */
export function measuredText(demo: Demo, { rows }: DemoAnswer['parts'][number]): string {
  const { name, share } = demo.measure
  const best = (role: 'trained' | 'baseline') =>
    rows
      .filter(row => row.role === role && row.value !== null)
      .sort((a, b) => (share ? -1 : 1) * ((a.value ?? 0) - (b.value ?? 0)))[0]
  const [prompted, bare] = [best('trained'), best('baseline')]
  if (!prompted || !bare) return ''
  return `${capitalised(name)}: ${valueText(demo, prompted.value)} with ${prompted.name}, ${valueText(demo, bare.value)} without.`
}

/** The better baseline begins the curve; another one stands beside it. */
function seriesOf(
  { measure: { share } }: Demo,
  { name, rows }: DemoAnswer['parts'][number],
  colour: number,
): readonly ChartSeries[] {
  const baselines = rows.flatMap(({ role, name: called, value }) =>
    role === 'baseline' && value !== null ? [{ called, value }] : [],
  )
  const best = baselines.reduce<number | undefined>(
    (a, { value: b }) => (a === undefined || (share ? b > a : b < a) ? b : a),
    undefined,
  )
  const curve = curvePoints(rows).filter(({ tokens, value }) => tokens > 0 || value === best)
  const others = baselines.filter(({ value }) => value !== best)
  return [
    {
      ...{ id: name, name, colour, dots: true },
      x: curve.map(({ tokens }) => tokens),
      y: curve.map(({ value }) => value),
    },
    ...others.map(({ called, value }) => ({
      ...{ id: `${name} ${called}`, name: called, colour, dots: true, symbol: 'rect' as const },
      ...{ x: [0], y: [value] },
    })),
  ]
}

export function demoChart(demo: Demo, answer: DemoAnswer): LineChartSpec {
  const references = answer.parts.flatMap(({ rows }) =>
    rows.flatMap(({ role, name, value }) =>
      role === 'reference' && value !== null ? [{ y: value, label: name }] : [],
    ),
  )
  return {
    label: `${demo.measure.name}, against soft tokens`,
    series: answer.parts.flatMap((part, i) => seriesOf(demo, part, i + 1)),
    x: {
      ...{ name: 'soft tokens', scale: 'tokens' as const, format: count },
      places: demo.parts.flatMap(({ cells }) =>
        cells.filter(({ role }) => role !== 'reference').map(({ tokens }) => tokens),
      ),
    },
    y: {
      ...{ name: '', scale: 'linear' },
      ...(demo.measure.share ? { min: 0, format: (value: number) => percent(value) } : {}),
    },
    levels: references,
  }
}
