// How each metric is called on a chart, its unit, and how its numbers are written.
import { tags, type XAxis } from '../../src-worker/contract/metrics'
import { percent } from '../../src-worker/shared/percent'
import { bytes, compact, count, duration, measure } from '../text/format'
import type { ChartAxis } from './chart-spec'

interface MetricText {
  readonly title: string
  readonly unit: string
  readonly format: (value: number) => string
  /** series colour when it stands alone */
  readonly colour: number
}

/** exact as long as it is short */
function rate(n: number): string {
  return n < 1e5 ? count(Math.round(n)) : compact(n)
}

/** a noisy value: two digits say enough */
function rough(n: number): string {
  return n >= 100 || n < 1e-3 ? measure(n) : String(Number(n.toPrecision(2)))
}

const known: Readonly<Record<string, MetricText>> = {
  [tags.loss]: { title: 'Train loss', unit: 'nats per token', format: measure, colour: 1 },
  [tags.testLoss]: { title: 'Quick test loss', unit: 'nats per token', format: measure, colour: 3 },
  [tags.finalTestLoss]: {
    title: 'Final test loss',
    unit: 'nats per token',
    format: measure,
    colour: 3,
  },
  [tags.gradientNorm]: { title: 'Gradient norm', unit: '', format: rough, colour: 4 },
  [tags.learningRate]: { title: 'Learning rate', unit: '', format: measure, colour: 7 },
  [tags.tokensPerSecond]: { title: 'Tokens / s', unit: '', format: rate, colour: 6 },
  [tags.dataWait]: { title: 'Waiting for data', unit: 'share', format: percent, colour: 5 },
  [tags.padding]: { title: 'Padding', unit: 'share of the slots', format: percent, colour: 5 },
  [tags.memory]: { title: 'Memory', unit: '', format: bytes, colour: 2 },
  [tags.tokenCount]: { title: 'Trained tokens', unit: '', format: compact, colour: 1 },
}

export const metricText = (tag: string): MetricText =>
  known[tag] ?? { title: tag, unit: '', format: measure, colour: 1 }

export const xAxisOf = (x: XAxis, log: boolean): ChartAxis => ({
  ...{ step: stepAxis, tokens: tokenAxis, time: timeAxis }[x],
  scale: log ? 'log' : 'linear',
})

const stepAxis = { name: 'step', whole: true, format: (n: number) => count(Math.round(n)) }
const tokenAxis = { name: 'tokens', format: compact }
const timeAxis = { name: 'time', format: duration }
