// evaluations.json of a run's folder: what other tools measured of its prompted model. Beside metrics.jsonl, which is cut
// back when a run is resumed.
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { type Evaluation, evaluationSchema } from '../contract/evaluation'
import { Fault, writeFault } from '../contract/fault'
import type { MetricSummary } from '../contract/run'
import { withFileLock } from '../dataset/file-lock'
import { writeAtomically } from '../weights/atomic'

const fileSchema = z.array(evaluationSchema)

/** @param path of evaluations.json. Faults: bad-file */
export function readEvaluations(path: string): readonly Evaluation[] {
  // synchronous, as the other small files of thousands of runs; most have none
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return []
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    const fix = 'Delete this file and import the logs again.'
    throw new Fault('bad-file', `${path} is no list of evaluations`, fix, { cause })
  }
}

/**
 * Keeps an evaluation, in place of those that share a measure with it. @returns how many those were. Faults: disk, bad-file
 */
export async function addEvaluation(path: string, evaluation: Evaluation): Promise<number> {
  const isReplaced = ({ metrics }: Evaluation): boolean =>
    Object.keys(metrics).some(tag => Object.hasOwn(evaluation.metrics, tag))
  try {
    return await withFileLock(join(dirname(path), '.evaluations'), undefined, async () => {
      const before = readEvaluations(path)
      const kept = before.filter(each => !isReplaced(each))
      await writeAtomically(path, `${JSON.stringify([...kept, evaluation], null, 2)}\n`)
      return before.length - kept.length
    })
  } catch (error) {
    throw writeFault(error, path)
  }
}

/** As summaries of a run's metrics: each was measured once. */
export const evaluationMetrics = (
  evaluations: readonly Evaluation[],
): Record<string, MetricSummary> =>
  Object.fromEntries(
    evaluations.flatMap(({ metrics, step: lastStep }) =>
      Object.entries(metrics).map(([tag, x]) => [tag, { last: x, min: x, max: x, lastStep }]),
    ),
  )
