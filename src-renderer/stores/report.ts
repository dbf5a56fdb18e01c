// One self-contained report of some runs, as files in a folder.
import type { AnalysisOptions, reportFormats } from '../../src-worker/contract/analysis'
import { plural } from '../text/format'
import { call } from '../workbench'
import { useToasts } from './toasts'

export type ReportFormat = (typeof reportFormats)[number]

export interface Reported {
  /** empty: all there are */
  readonly runs: readonly string[]
  readonly options: AnalysisOptions
  readonly to: string
  readonly formats: readonly ReportFormat[]
}

/** Writes it, and offers to show where it is. */
export function useReport() {
  const toasts = useToasts()
  return async ({ runs, options, to, formats }: Reported): Promise<void> => {
    const args = { runs: [...runs], options, to, formats: [...formats] }
    const done = await toasts.attempt(call('writeReport', args))
    const first = done?.paths[0]
    if (!done || !first) return
    const show = () => void toasts.attempt(call('showInFolder', { path: first }))
    const text = `${plural(done.paths.length, 'file')} written to ${to}`
    toasts.show({ text, action: { label: 'Show', run: show } })
  }
}
