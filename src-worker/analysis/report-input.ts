// What a report is made of, and the command that makes it again.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Analysis, AnalysisOptions } from '../contract/analysis'
import { thresholdArgument } from '../contract/analysis-text'
import type { Deviation, FrozenSweep } from '../contract/frozen-sweep'
import { quoted } from '../shared/shell'

export interface ReportInput {
  readonly analysis: Analysis
  /** all runs that were given to the analysis */
  readonly runs: readonly AnalysedRun[]
  readonly question?: string
  /** ISO time */
  readonly generatedAt: string
  /** of the workbench */
  readonly version: string
  readonly frozen?: FrozenSweep
  readonly deviations?: readonly Deviation[]
}
/** The command that computes these numbers again. */
export function analysisCommand(
  verb: 'analyze' | 'report',
  runs: readonly AnalysedRun[],
  options: AnalysisOptions,
): string {
  const own = runs.filter(run => run.source !== 'published').map(run => run.id)
  const words = [
    'spw',
    verb,
    ...own,
    '--metric',
    options.metric,
    '--unit',
    options.unit,
    ...(options.axis === 'tokens' ? [] : ['--axis', options.axis]),
    '--threshold',
    thresholdArgument(options.threshold),
    ...Object.entries(options.thresholds).flatMap(([behaviour, own]) => [
      '--threshold-for',
      `${behaviour}=${thresholdArgument(own)}`,
    ]),
    '--draws',
    String(options.draws),
    ...(options.references.length > 0 ? ['--reference', ...options.references] : []),
    ...(options.includePublished ? [] : ['--published', 'none']),
    ...(options.includePublished && options.published === 'all' ? ['--published', 'all'] : []),
  ]
  return words.map(quoted).join(' ')
}
