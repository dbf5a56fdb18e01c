// results.jsonl of a run, read.
import { readFile } from 'node:fs/promises'
import { type ResultRow, resultRowSchema } from '../contract/run'
import { fitting } from '../shared/json'
import { runFiles } from '../train/run-folder'

/** Lines of a file; none where there is no file. */
export const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').filter(l => l !== '')

/** What was written for the evaluation prompts; the shares in the last line are left out. */
export async function readResults(folder: string): Promise<ResultRow[]> {
  const lines = await linesOf(runFiles(folder).results)
  return lines.flatMap(line => fitting(resultRowSchema, line) ?? [])
}
