// How an answer that is being found is shown: its card, its state in words, and the curve so far.
import type { Analysis } from '../../../src-worker/contract/analysis'
import type { AnswerState } from '../../../src-worker/contract/answer'
import { type AnswerCard, answerCards } from '../../../src-worker/contract/answer-card'
import type { LineChartSpec } from '../../charts/chart-spec'
import { metricText } from '../../charts/metric-text'
import { curveChart } from '../../stores/analysis-view'
import { duration, measure, plural } from '../../text/format'
import type { Tone } from '../../text/run-text'

const words = { running: 'Running', stopped: 'Stopped', ended: 'Ended', failed: 'Failed' } as const
const tones: Readonly<Record<AnswerState['kind'], Tone>> = {
  ...{ running: 'good', stopped: 'warn', ended: 'good', failed: 'bad' },
}
/** @param there whether a cluster finds it; this engine takes it for stopped */
export const stateTone = ({ kind }: AnswerState, there = false): Tone =>
  there ? 'good' : tones[kind]

/** "Running · 7 runs, 2 m 10 s of training, about 4 m left" */
export function standingText({ kind, step }: AnswerState, there = false): string {
  const word = there ? 'On the cluster' : words[kind]
  if (step === null) return word
  const left = step.secondsLeft === null ? [] : [`about ${duration(step.secondsLeft)} left`]
  const done = [plural(step.runs.length, 'run'), `${duration(step.seconds)} of training`]
  return `${word} · ${[...done, ...(kind === 'ended' ? [] : left)].join(', ')}`
}

/** Its card so far; none before anything is measured. Only what ended because it is known has converged. */
export function cardOf({ kind, step }: AnswerState): AnswerCard | undefined {
  if (!step?.elicited) return undefined
  const [card] = answerCards({ elicited: [step.elicited], curves: [] })
  if (!card) return undefined
  const own = { ...card, next: null }
  // a search that goes on trains the control itself
  if (kind !== 'ended' || step.next.kind !== 'ended')
    return {
      ...own,
      uncontrolled: null,
      failed: null,
      standing: 'preliminary',
      state: 'the search goes on until it is known',
    }
  const { because, reason } = step.next
  if (because === 'budget' || because === 'open')
    return { ...own, standing: 'uncertain', state: reason }
  return { ...own, standing: 'converged', state: reason }
}

/** What the model wrote, as the card shows it. */
export function sampleOf({ step }: AnswerState) {
  const example = step?.elicited?.example
  return example ? { prompt: example.prompt, without: example.bare, with: example.prompted } : null
}

/** The target is on the chart, however far the curve is from it; a share has its whole range. */
function rangeOf(
  chart: LineChartSpec,
  target: number,
): { readonly min?: number; readonly max?: number } {
  const values = chart.series.flatMap(({ y, band }) => [...y, ...(band?.high ?? [])])
  const all = [...values, target].filter(Number.isFinite)
  const [low, high] = [Math.min(...all), Math.max(...all)]
  if (low >= 0 && high <= 1) return { min: 0, max: 1 }
  return { ...(low === target ? { min: low } : {}), ...(high === target ? { max: high } : {}) }
}

/** The curve in the measure that is held against the target, with the target as a line. */
export function curveOf(analysis: Analysis, { step }: AnswerState): LineChartSpec | undefined {
  const [behaviour] = analysis.behaviours
  if (!behaviour) return undefined
  const chart = curveChart(analysis, behaviour.id, undefined)
  const { title, format } = metricText(analysis.options.metric)
  const target = step?.target ?? null
  const isMeasured = analysis.options.metric === step?.measure
  // the share of a gap is a line in curves of the analysis, not of the search
  const levels = (chart.levels ?? []).filter(({ label }) => !label.startsWith('threshold'))
  return {
    ...chart,
    label: `${title}, against soft prompt tokens`,
    y: {
      ...{ ...chart.y, name: title, format },
      ...(isMeasured && target !== null ? rangeOf(chart, target) : {}),
    },
    levels:
      isMeasured && target !== null
        ? [...levels, { y: target, label: `target ${measure(target)}` }]
        : levels,
  }
}
