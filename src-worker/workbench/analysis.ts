// Calls about the analysis: curves and tokens needed, reports, imports, pre-registration.
import { join } from 'node:path'
import {
  checkThresholds,
  concludeAnalysis,
  type PreparedAnalysis,
  prepareAnalysis,
} from '../analysis/analyse'
import { freeze } from '../analysis/preregister'
import type { AnalysisOptions } from '../contract/analysis'
import type { WorkbenchApi } from '../contract/api'
import { checkedSweep } from '../contract/spec-check'
import { cellsOf } from '../spec/sweep'
import { collectRuns, reportFiles, saveFrozen } from './analysis-files'
import type { Context } from './context'
import { heldAnalyses } from './held-analyses'
import { importRuns } from './import-tensorboard'
import { keptRuns, stampOf } from './kept-runs'
import type { RunIndex } from './run-index'

interface Asked {
  readonly runs: readonly string[]
  readonly options: AnalysisOptions
}

export type AnalysisCalls = Pick<
  WorkbenchApi,
  'analyse' | 'writeReport' | 'importTensorboard' | 'freezeSweep'
>

export function analysisCalls(
  context: Context,
  index: RunIndex,
  known: ReadonlySet<string>,
): AnalysisCalls {
  const reader = keptRuns(known)

  /** Moving a threshold, or going back to an axis, sorts nothing anew. */
  const held = heldAnalyses<Asked, PreparedAnalysis>(async ({ runs, options }) => {
    const summaries = await index.known()
    const stamps = new Map(summaries.map(run => [run.id, `${stampOf(run)} ${run.name}`]))
    const { metric, axis, draws, includePublished } = options
    return {
      key: JSON.stringify([runs, metric, axis, draws, includePublished, ...stamps]),
      make: async () => prepareAnalysis(await collectRuns(context, runs, reader(stamps)), options),
    }
  })

  return {
    analyse: async ({ runs, options, strict, ahead }) => {
      const analysis = concludeAnalysis(await held.get({ runs, options }), options)
      const others = ahead ? analysis.axes.filter(axis => axis !== options.axis) : []
      held.ahead(others.map(axis => ({ runs, options: { ...options, axis } })))
      if (strict) checkThresholds(options, analysis)
      return analysis
    },
    writeReport: async ({ runs, options, to, formats }) => {
      const html = to.endsWith('.html') ? to : join(to, 'report.html')
      return { paths: await reportFiles(context, runs, options, html, formats) }
    },
    importTensorboard: async ({ path }) => {
      const imported = await importRuns(context, path, (done, all) =>
        context.emit('progress', { request: path, doing: 'importing', fraction: done / all }),
      )
      await index.list()
      return imported
    },
    freezeSweep: async ({ sweep: input, thresholds, note }) => {
      const sweep = checkedSweep(input)
      const frozen = freeze({ sweep, runs: cellsOf(sweep), thresholds, note })
      return { ...frozen, path: await saveFrozen(context.home, frozen) }
    },
  }
}
