// Charts are pure: a spec in, an option, a table of numbers or a sentence out.
import { describe, expect, test } from 'vitest'
import { type LineChartSpec, tokenPlace, tokensAt } from '../../src-renderer/charts/chart-spec'
import { csvOf, fileName, svgOf } from '../../src-renderer/charts/export'
import { lineOption } from '../../src-renderer/charts/line-option'
import { nearestLine } from '../../src-renderer/charts/nearest-line'
import type { Palette } from '../../src-renderer/charts/palette'
import { summaryOf } from '../../src-renderer/charts/summary'

const palette: Palette = {
  ...{ text: '#111', muted: '#666', line: '#ddd', panel: '#fff', raised: '#eee', accent: '#00f' },
  ...{ bad: '#f00', font: 'sans-serif', series: ['#1', '#2', '#3', '#4', '#5', '#6', '#7'] },
}
const spec = (more: Partial<LineChartSpec> = {}): LineChartSpec => ({
  label: 'Loss, nats per token',
  series: [
    {
      ...{ id: 'a', name: 'run, a', colour: 2, x: [0, 1, 2], y: [4, 3, 2], smooth: [4, 3.5, 3] },
      ...{ notFinite: [3], restarts: [1] },
    },
  ],
  x: { name: 'step', scale: 'linear' },
  y: { name: 'loss', scale: 'linear' },
  ...more,
})
type Drawn = { id: string; type: string; data: unknown[]; symbol?: string; markLine?: unknown }
const drawn = (from: LineChartSpec) =>
  Object.fromEntries((lineOption(from, palette).series as Drawn[]).map(s => [s.id, s])) as Readonly<
    Record<string, Drawn>
  >

test('the smoothed line lies before the raw one; triangles and marks stand where they must', () => {
  const lines = drawn(spec())
  expect(Object.keys(lines)).toEqual(['a|raw', 'a|front', 'a|nan'])
  expect([...(lines['a|front']?.data ?? [])]).toEqual([0, 4, 1, 3.5, 2, 3])
  expect(lines['a|nan']).toMatchObject({ symbol: 'triangle', data: [[3, 2]] })
  expect(lines['a|front']?.markLine).toMatchObject({ data: [{ xAxis: 1 }] })
})

test('a logarithmic axis leaves out what has no place on it', () => {
  const lines = drawn(spec({ x: { name: 'step', scale: 'log' } }))
  expect([...(lines['a|front']?.data ?? [])]).toEqual([1, 3.5, 2, 3])
})

test.each([0, 1, 2, 16, 1024])('%d tokens have a place, and it gives them again', tokens => {
  expect(tokensAt(tokenPlace(tokens))).toBe(tokens)
})

test('CSV holds exactly what is plotted, quoted where it must', () => {
  expect(csvOf(spec()).split('\r\n')).toEqual([
    'series,step,loss,smoothed',
    '"run, a",0,4,4',
    '"run, a",1,3,3.5',
    '"run, a",2,2,3',
    '"run, a",3,NaN,',
    '',
  ])
})

test('SVG is drawn without a page', () => {
  const svg = svgOf(lineOption(spec(), palette), 400, 200)
  expect(svg).toMatch(/^<svg[^>]*width="400"/)
})

test('names with braces cannot style the tooltip', () => {
  const option = lineOption(spec(), palette) as {
    tooltip: { renderMode: string; formatter(rows: object[]): string }
  }
  expect(option.tooltip.renderMode).toBe('richText')
  const row = { seriesId: 'a|front', seriesName: '{b|evil}', value: [1, 2] }
  expect(option.tooltip.formatter([row])).toBe('step 1.000\n b evil   2.000')
})

test('the line that is meant is thick, the others step back, and the tooltip names it first', () => {
  const several = (strong: string) => {
    const one = spec().series[0]!
    const series = Array.from({ length: 20 }, (_, i) => ({ ...one, id: `r${i}`, name: `run ${i}` }))
    return spec({ series, strong })
  }
  const styles = (lineOption(several('r7'), palette).series as { id: string; lineStyle: object }[])
    .filter(s => s.id.endsWith('|front'))
    .map(s => s.lineStyle)
  expect(styles[7]).toMatchObject({ width: 3.5, opacity: 1 })
  expect(styles.filter(s => 'opacity' in s && s.opacity === 0.35)).toHaveLength(19)
  const { tooltip } = lineOption(several('r19'), palette) as {
    tooltip: { formatter(rows: object[]): string }
  }
  const rows = Array.from({ length: 20 }, (_, i) => ({
    ...{ seriesId: `r${i}|front`, seriesName: `run ${i}`, value: [1, 2] },
  }))
  const lines = tooltip.formatter(rows).split('\n')
  expect(lines[1]).toBe('▸ run 19  2.000')
  expect(lines.at(-1)).toBe('and 8 more')
})

describe('the line at a pointer', () => {
  const flat = (id: string, y: number) => ({ id, name: id, colour: 1, x: [0, 10], y: [y, y] })
  const lines = spec({ series: [flat('low', 1), flat('high', 2)] })
  // a value of 1 is 100 pixels
  const toPixels = (x: number, y: number) => [x * 10, y * 100] as const
  test.each([
    [5, 104, 'low'],
    [5, 190, 'high'],
    [5, 150, undefined],
    // where no line goes
    [11, 100, undefined],
  ])('at x %d and %d pixels down: %s', (x, down, id) => {
    expect(nearestLine(lines, x, [x * 10, down], toPixels)).toBe(id)
  })

  test('is the line as it is drawn: smoothed, and evenly apart in doublings of tokens', () => {
    const line = { ...flat('a', 0), x: [1, 4], y: [9, 9], smooth: [1, 2] }
    const tokens = spec({ series: [line], x: { name: 'tokens', scale: 'tokens' } })
    expect(nearestLine(tokens, tokenPlace(2), [0, 150], toPixels)).toBe('a')
  })
})

test('a chart says in a sentence what it shows', () => {
  expect(summaryOf(spec())).toBe(
    'Loss, nats per token against step. run, a: from 4.000 at 0 to 3.000 at 2.000.',
  )
  expect(summaryOf(spec({ series: [] }))).toBe('Loss, nats per token: no points yet.')
})

test('a file is named after its chart', () => {
  expect(fileName('Loss, nats per token')).toBe('loss-nats-per-token')
  expect(fileName('…')).toBe('chart')
})
