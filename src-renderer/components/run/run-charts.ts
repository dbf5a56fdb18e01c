// Series of runs → specs of charts.
import { type Series, tags, type XAxis } from '../../../src-worker/contract/metrics'
import { isActive, type RunSummary } from '../../../src-worker/contract/run'
import type { LineChartSpec } from '../../charts/chart-spec'
import { metricText, xAxisOf } from '../../charts/metric-text'
import { measure } from '../../text/format'
import { distinctTitles } from '../../text/run-text'

export interface ChartLook {
  readonly x: XAxis
  readonly logX: boolean
  readonly logY: boolean
  readonly smoothing: number
}

/** A run's own colour, else its place among those shown. */
export const colourOf = (run: RunSummary, place: number): number => run.colour || (place % 7) + 1

export interface MainChart {
  readonly tag: string
  readonly runs: readonly RunSummary[]
  readonly series: readonly Series[]
  readonly look: ChartLook
  readonly strong?: string | undefined
}

/** Of a single run, training and test losses stand in one chart. */
export const mainTitle = (tag: string, runs: number): string =>
  tag === tags.loss && runs === 1 ? 'Loss' : metricText(tag).title

/** The large chart: one line a run; test losses dashed with dots. */
export function mainSpec({ tag, runs, series, look, strong }: MainChart): LineChartSpec {
  const text = { ...metricText(tag), title: mainTitle(tag, runs.length) }
  const titles = distinctTitles(runs)
  const lines = runs.flatMap((run, i) =>
    series
      // with several runs the test losses would only crowd the chart; they have their own
      .filter(s => s.run === run.id && (runs.length === 1 || s.tag === tag))
      .map(s =>
        line(s, { run, colour: colourOf(run, i), title: titles.get(run.id) }, runs.length, look),
      ),
  )
  const first = runs[0]
  const final = tag === tags.loss ? first?.metrics[tags.finalTestLoss]?.last : undefined
  return {
    label: text.unit ? `${text.title}, ${text.unit}` : text.title,
    series: lines,
    x: { ...xAxisOf(look.x, look.logX), ...wholeRun(first, look) },
    y: { name: text.title, scale: look.logY ? 'log' : 'linear', format: text.format },
    ...(final === undefined || runs.length > 1
      ? {}
      : { levels: [{ y: final, label: `final test ${measure(final)}` }] }),
    ...(strong ? { strong } : {}),
  }
}

/** While a run goes on, its chart shows how far it has to go; in its first tenth one would see nothing of it. */
function wholeRun(run: RunSummary | undefined, look: ChartLook) {
  const steps = run?.spec.training.steps ?? 0
  if (!run || look.x !== 'step' || run.step < steps / 10) return {}
  return { min: 0, max: Math.max(steps, run.step) }
}

/** With more lines, the raw ones behind would only make a fog. */
export const mostLinesWithRaw = 6

const smoothed = (s: Series, lines: number) =>
  lines > mostLinesWithRaw ? { y: s.smooth } : { y: s.y, smooth: s.smooth }

interface Drawn {
  readonly run: RunSummary
  readonly colour: number
  readonly title: string | undefined
}

/** @param of lines in the chart */
function line(s: Series, { run, colour, title = '' }: Drawn, of: number, look: ChartLook) {
  const isTest = s.tag === tags.testLoss
  const part = isTest ? 'test' : s.tag === tags.loss ? 'train' : metricText(s.tag).title
  return {
    id: `${run.id}|${s.tag}`,
    name: of > 1 ? title : part,
    colour: !isTest || of > 1 ? colour : metricText(tags.testLoss).colour,
    x: s.x,
    ...(look.smoothing > 0 && !isTest ? smoothed(s, of) : { y: s.y }),
    notFinite: s.notFinite,
    ...(isTest ? { dashed: true } : { restarts: s.restarts }),
  }
}

/** A small chart of one metric, smoothed, of the same runs. */
export function smallSpec(
  tag: string,
  runs: readonly RunSummary[],
  series: readonly Series[],
  look: ChartLook,
): LineChartSpec {
  const text = metricText(tag)
  const own = series.filter(s => s.tag === tag)
  const titles = distinctTitles(runs)
  return {
    label: text.unit ? `${text.title}, ${text.unit}` : text.title,
    series: runs.flatMap((run, i) =>
      own
        .filter(s => s.run === run.id)
        .map(s => ({
          id: s.run,
          name: titles.get(run.id) ?? '',
          colour: runs.length > 1 ? colourOf(run, i) : text.colour,
          x: s.x,
          ...(look.smoothing > 0 && tag !== tags.testLoss ? smoothed(s, runs.length) : { y: s.y }),
          notFinite: s.notFinite,
        })),
    ),
    x: { ...xAxisOf(look.x, look.logX), ...wholeRun(runs[0], look) },
    y: { name: text.title, scale: 'linear', format: text.format },
  }
}

/** In place of lines, while no step was trained; empty once there is one. */
export function nothingDrawn(runs: readonly RunSummary[]): string {
  if (runs.some(run => run.step > 0)) return ''
  if (runs.some(run => isActive(run.state))) return 'Drawn here from the first step on.'
  return runs.some(run => run.state.kind === 'queued')
    ? 'Waiting for its turn: drawn here from the first step on.'
    : 'No step was trained.'
}
