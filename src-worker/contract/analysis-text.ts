// The words of the analysis, the same in the app, the report and the command line.
import { counted } from '../shared/counted'
import type {
  Analysis,
  AnalysisOptions,
  Behaviour,
  Curve,
  CurvePoint,
  Guard,
  Interval,
  MetricInfo,
  Threshold,
} from './analysis'
import { Fault } from './fault'
import type { Bound, TokensNeeded } from './needed'

/** What makes a point of a curve hollow. */
export const warningsOf = ({ guards }: Pick<CurvePoint, 'guards'>): readonly Guard[] =>
  guards.filter(guard => guard.level === 'warning')
export const hasWarning = (point: Pick<CurvePoint, 'guards'>): boolean =>
  warningsOf(point).length > 0

/** Two digits, or whole numbers, for people: 0.94, 3.8, 21, 410, 1024. */
export function tokensText(tokens: number): string {
  if (tokens >= 100) return String(Math.round(tokens))
  return String(Number(tokens.toPrecision(2)))
}

/** '3.8', '≤ 1', '> 64', '?'. */
export function neededText(needed: TokensNeeded): string {
  switch (needed.kind) {
    case 'reached':
      return tokensText(needed.tokens)
    case 'reached-by-first':
      return needed.tokens === 0 ? '0' : `≤ ${needed.tokens}`
    case 'not-reached':
    case 'more-than':
      return `> ${needed.tokens}`
    case 'unknown':
      return '?'
  }
}

const endText = (bound: Bound): string =>
  bound.kind === 'at'
    ? tokensText(bound.tokens)
    : bound.kind === 'by'
      ? bound.tokens === 0
        ? '0'
        : `≤ ${bound.tokens}`
      : `> ${bound.tokens}`

/** '3.1 – 4.9', '≤ 1', 'not reached', '' when the noise is unknown. */
export function neededIntervalText(needed: TokensNeeded): string {
  if (needed.kind === 'unknown' || needed.interval === null) return ''
  const low = endText(needed.interval.low)
  const high = endText(needed.interval.high)
  if (low === high) return needed.interval.low.kind === 'beyond' ? 'not reached' : low
  return `${low} – ${high}`
}

const plural: Readonly<Record<NonNullable<Interval['unit']>, string>> = {
  document: 'documents',
  game: 'games',
  board: 'boards',
  sample: 'samples',
  'test batch': 'test batches',
}

/** Why there is no interval: seeds that agree exactly say as little of the noise as one does. */
export const unknownNoise = (seeds: number): string =>
  seeds > 1
    ? 'the seeds agree exactly and there are no held-out units: the noise is unknown'
    : 'one seed and no held-out units: the noise is unknown'

/** '95 % over 3 seeds and 512 documents': seeds alone say nothing about the luck of the test set. */
export function intervalSource(interval: Interval): string {
  const seeds = counted(interval.seeds, 'seed')
  const units = `${interval.units} ${interval.unit === null ? 'units' : plural[interval.unit]}`
  if (interval.over === 'seeds') return `95 % over ${seeds}, test set taken as given`
  if (interval.over === 'units') return `95 % over ${units}, one seed`
  return `95 % over ${seeds} and ${units}`
}

/** '90 % of the gap to the best seen', '2.75 nats'; '0.5' of a metric that is no loss. */
export function thresholdText(threshold: Threshold, metric?: Pick<MetricInfo, 'unit'>): string {
  if (threshold.kind === 'absolute')
    return metric?.unit === 'own' ? `${threshold.value}` : `${threshold.value} ${threshold.unit}`
  const share = `${Number((threshold.share * 100).toPrecision(3))} %`
  return threshold.of === 'curve'
    ? `${share} of the gap between baseline and the best of the same model`
    : `${share} of the gap between baseline and the best of any model`
}

interface Read {
  readonly options: Pick<AnalysisOptions, 'threshold' | 'thresholds'>
  readonly behaviours: readonly Behaviour[]
  readonly metric: Pick<MetricInfo, 'unit'>
}

/** 'chess: 2.4 nats', of each behaviour that is read at a threshold of its own. */
export const ownThresholds = ({ options, behaviours, metric }: Read): string[] =>
  behaviours.flatMap(({ id, label }) => {
    const own = options.thresholds[id]
    return own === undefined ? [] : [`${label}: ${thresholdText(own, metric)}`]
  })

/** The threshold of all behaviours, and those of single ones. */
export function thresholdsText(analysis: Read): string {
  const own = ownThresholds(analysis)
  const all = thresholdText(analysis.options.threshold, analysis.metric)
  return own.length === 0 ? all : `${all}; but ${own.join('; ')}`
}

/**
 * What the curves are read at: it stands between the answers by criterion and what the curves say by themselves. A level of
 * the loss may take more tokens than a target, or fewer.
 */
export function curvesSentence(analysis: Analysis): string {
  const { elicited, metric } = analysis
  const isOther = elicited.some(e => e.target !== null && e.measure !== metric.label)
  const rest = isOther ? ' How much they need is said for that level, not for a target above.' : ''
  return `The curves below it, read at ${thresholdsText(analysis)}. Values: ${metric.axis}.${rest}`
}

/** The spelling that parseThreshold reads. */
export function thresholdArgument(threshold: Threshold): string {
  if (threshold.kind === 'absolute') return `${threshold.value}${threshold.unit}`
  return `${Number((threshold.share * 100).toPrecision(12))}%${threshold.of === 'curve' ? '' : ':behaviour'}`
}

/** '2.75', '2.75nats', '3.9 bits', '15 perplexity', '90%', '90%:behaviour'. Faults: usage. */
export function parseThreshold(text: string): Threshold {
  const absolute = /^\s*(-?\d*\.?\d+(?:e-?\d+)?)\s*(nats|bits|perplexity)?\s*$/i.exec(text)
  if (absolute)
    return {
      kind: 'absolute',
      value: Number(absolute[1]),
      unit: (absolute[2]?.toLowerCase() ?? 'nats') as 'nats' | 'bits' | 'perplexity',
    }
  const share = /^\s*(\d*\.?\d+)\s*%\s*(?::\s*(curve|behaviour))?\s*$/i.exec(text)
  const value = share ? Number(share[1]) / 100 : 0
  if (share && value > 0 && value <= 1)
    return {
      kind: 'share',
      share: value,
      of: (share[2]?.toLowerCase() ?? 'curve') as 'curve' | 'behaviour',
    }
  throw new Fault(
    'usage',
    `the threshold "${text}" is neither a value nor a share of the gap`,
    'Write a value such as 2.75, 2.75nats or 3.9bits, or a share such as 90% or 90%:behaviour.',
  )
}

/** What stands beside a curve under its own length. */
export const givenWords = {
  'text-prompt': 'text prompt',
  'imported-prompt': 'imported prompt',
  control: 'control',
} as const

/** A baseline in a table: its tokens and what it is. */
export const baselineText = (kind: Curve['baselines'][number]['kind'], tokens: number): string =>
  kind === 'none'
    ? '0, no prompt'
    : kind === 'start-token'
      ? '0, start token'
      : `${tokens}, ${givenWords[kind]}`

export interface CurveRow {
  readonly kind: Curve['baselines'][number]['kind'] | 'trained' | 'untrained'
  /** '4', '4, text prompt' */
  readonly words: string
  readonly point: CurvePoint
}

/** A curve's table along its axis: what was trained and what was given stand side by side, untrained prompts last. */
export function rowsOf({ baselines, points, untrained }: Curve): CurveRow[] {
  const rows: CurveRow[] = [
    ...baselines.map(({ kind, point }) => ({
      ...{ kind, point },
      words: baselineText(kind, point.tokens),
    })),
    ...points.map(point => ({ kind: 'trained' as const, words: String(point.tokens), point })),
  ]
  rows.sort((a, b) => a.point.tokens - b.point.tokens)
  const last = untrained.map(point => ({
    ...{ kind: 'untrained' as const, point },
    words: `${point.tokens}, untrained`,
  }))
  return [...rows, ...last]
}
