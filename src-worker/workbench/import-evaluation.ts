// Logs of other evaluation tools as measures of a run.
import { basename, join } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { isolatedInspectLog } from '../dataset/isolated'
import { addEvaluation } from '../train/evaluations'
import { homePaths } from '../train/home'
import { runFiles } from '../train/run-folder'
import { sha256OfFile } from '../weights/file-hash'
import type { Context } from './context'
import { importedFault } from './queue'
import type { RunIndex } from './run-index'

export function importEvaluationCall(
  { home }: Context,
  index: RunIndex,
): Pick<WorkbenchApi, 'importEvaluation'> {
  return {
    importEvaluation: async ({ id: named, path }) => {
      const id = basename(named)
      const { readOnly, step } = await index.refresh(id)
      if (readOnly) throw importedFault(id)
      const log = await isolatedInspectLog(path)
      const source = { file: basename(path), sha256: await sha256OfFile(path) }
      const evaluation = { ...log, ...source, importedAt: new Date().toISOString(), step }
      const file = runFiles(join(homePaths(home).runs, id)).evaluations
      const replaced = await addEvaluation(file, evaluation)
      await index.refresh(id)
      return { evaluation, replaced }
    },
  }
}
