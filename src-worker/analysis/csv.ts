// The analysis as tables for spreadsheets.
import type { Analysis, AnalysisOptions } from '../contract/analysis'
import { rowsOf, warningsOf } from '../contract/analysis-text'
import type { Bound } from '../contract/needed'
import { csvText } from '../shared/csv'

const pointHead = [
  'behaviour',
  'model',
  'curve',
  'source',
  'kind',
  'tokens',
  'value',
  'unit',
  'low95',
  'high95',
  'interval_over',
  'seeds',
  'held_out_units',
  'gain',
  'gain_low95',
  'gain_high95',
  'bits_per_prompt_token',
  'parameters',
  'warnings',
  'runs',
]

/** Columns that count tokens are named for what they count. */
const named = (head: readonly string[], { axis }: AnalysisOptions): string[] =>
  axis === 'tokens'
    ? [...head]
    : head.map(name => name.replace('prompt_token', axis.slice(0, -1)).replace('tokens', axis))

/** One line a point, baselines and untrained prompts included. */
export function pointsCsv({ curves, behaviours, metric, options }: Analysis): string {
  const name = (id: string): string => behaviours.find(b => b.id === id)?.label ?? id
  const rows = curves.flatMap(curve => {
    return rowsOf(curve).map(({ kind, point: p }) => [
      name(curve.behaviour),
      curve.model,
      curve.label,
      curve.source,
      kind,
      p.tokens,
      p.value,
      metric.unit,
      p.interval?.low,
      p.interval?.high,
      p.interval?.over,
      p.seeds.length,
      p.interval?.units,
      p.gain?.value,
      p.gain?.interval?.low,
      p.gain?.interval?.high,
      p.bitsPerPromptToken,
      p.parameters,
      warningsOf(p)
        .map(g => g.reason)
        .join('; '),
      p.seeds.map(s => s.run).join(' '),
    ])
  })
  return csvText([named(pointHead, options), ...rows])
}

const bound = (end: Bound | undefined): (string | number | undefined)[] => [
  end?.kind === 'at' ? end.tokens : undefined,
  end === undefined ? undefined : end.kind === 'at' ? '' : `${end.kind} ${end.tokens}`,
]

/** One line a curve; censored answers have no number, only their kind. */
export function neededCsv({ curves, behaviours, options }: Analysis): string {
  const head = [
    'behaviour',
    'model',
    'curve',
    'source',
    'answer',
    'tokens_needed',
    'measured_end',
    'low95',
    'low95_censored',
    'high95',
    'high95_censored',
    'threshold',
    'parameters',
    'saturation',
    'saturation_tokens',
    'saturation_censored',
  ]
  const rows = curves.map(({ needed, saturation, ...curve }) => {
    const interval = needed.kind === 'unknown' ? null : needed.interval
    return [
      behaviours.find(b => b.id === curve.behaviour)?.label ?? curve.behaviour,
      curve.model,
      curve.label,
      curve.source,
      needed.kind,
      needed.kind === 'reached' ? needed.tokens : undefined,
      needed.kind === 'reached' || needed.kind === 'unknown' ? undefined : needed.tokens,
      ...bound(interval?.low),
      ...bound(interval?.high),
      curve.threshold,
      needed.kind === 'reached' ? needed.parameters : undefined,
      saturation.kind,
      saturation.kind === 'saturated' ? saturation.tokens : undefined,
      saturation.kind === 'still-improving' ? `beyond ${saturation.tokens}` : '',
    ]
  })
  return csvText([named(head, options), ...rows])
}
