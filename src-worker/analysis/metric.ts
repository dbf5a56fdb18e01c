// A metric as the analysis computes with it: a cost in its base unit (nats for losses), lower is better.
import type { LossUnit, MetricInfo, Threshold } from '../contract/analysis'
import { importedPrefix } from '../contract/evaluation'
import { Fault } from '../contract/fault'

export interface Metric {
  readonly info: MetricInfo
  readonly isShare: boolean
  /** base value (nats) → cost */
  cost(value: number): number
  /** cost → value in the unit asked for */
  shown(cost: number): number
  /** a difference of costs (positive: better) in the unit asked for; perplexity: nats */
  shownGain(gain: number): number
  /** bits of a gain, or null for what is not a loss */
  bits(gain: number): number | null
  /** cost of an absolute threshold */
  threshold(threshold: Extract<Threshold, { kind: 'absolute' }>): number
}

const axes: Readonly<Record<LossUnit, string>> = {
  nats: 'nats per token',
  bits: 'bits per token',
  perplexity: 'perplexity',
}
const labels: Readonly<Record<string, string>> = {
  'Final Test Loss Average': 'held-out loss',
  'Test Loss': 'test loss during training',
  Loss: 'training loss',
}

const toNats: Readonly<Record<LossUnit, (value: number) => number>> = {
  nats: value => value,
  bits: value => value * Math.LN2,
  perplexity: value => Math.log(value),
}
const fromNats: Readonly<Record<LossUnit, (nats: number) => number>> = {
  nats: nats => nats,
  bits: nats => nats / Math.LN2,
  perplexity: nats => Math.exp(nats),
}

const shares =
  /rate|share|score|match|accuracy|reached|solved|repeats|valid|unsolvable|move probability/i

const isImported = (tag: string): boolean => tag.startsWith(importedPrefix)

/** What a metric is called: of an imported one, neither its task nor its scorer says what it is. */
const nameOf = (tag: string): string =>
  isImported(tag) ? tag.slice(tag.lastIndexOf('/') + 1) : tag

/** Shares of games, boards, pairs: noise does not carry them beyond 0 and 1. Another program's score may be any number. */
export const isShare = (tag: string): boolean =>
  shares.test(nameOf(tag)) && !(isImported(tag) && /score/i.test(nameOf(tag)))

/** Losses are in nats per token; of other metrics, the name says whether less is better. */
export function metricOf(tag: string, unit: LossUnit): Metric {
  const name = nameOf(tag)
  const isLoss = /loss/i.test(name)
  const lower =
    isLoss || /perplexity|error|extra|wall|hit|illegal|false|sensitivity|bytes|seconds/i.test(name)
  const sign = lower ? 1 : -1
  const label = labels[tag] ?? tag
  const inRange = (x: number): number => (isShare(tag) ? Math.min(1, Math.max(0, x)) : x)
  const info: MetricInfo = {
    tag,
    label,
    better: lower ? 'lower' : 'higher',
    unit: isLoss ? unit : 'own',
    axis: isLoss ? `${label}, ${axes[unit]}` : label,
  }
  return {
    info,
    isShare: isShare(tag),
    cost: value => sign * value,
    shown: cost => (isLoss ? fromNats[unit](cost) : inRange(sign * cost)),
    shownGain: gain => (isLoss && unit === 'bits' ? gain / Math.LN2 : gain),
    bits: gain => (isLoss ? gain / Math.LN2 : null),
    threshold: ({ value, unit: given }) => {
      if (!isLoss) return sign * value
      const nats = toNats[given](value)
      if (Number.isFinite(nats)) return nats
      throw new Fault(
        'usage',
        `a perplexity of ${value} cannot be reached: the least is 1`,
        'Give a perplexity above 0, or a threshold in nats.',
      )
    },
  }
}
