// The split of one run: a share of its data by content hash, or a file of its own whose records are not trained on.

import type { RunSpec } from '../contract/run-spec'
import type { DataPipeline } from './data-pipeline'
import { nothingHeldOut, openSplit, type Split, sideOf, withoutTestFile } from './split'

/** Faults: those of the pipeline's reader. */
export async function splitOf(spec: RunSpec, pipeline: DataPipeline): Promise<Split> {
  const { path, testPath, holdout, heldOutUnits, validation: cut } = spec.data
  const units = Math.max(1, heldOutUnits)
  if (testPath !== '')
    return withoutTestFile(pipeline.records(testPath, {}), testPath, { units, cut })
  // a file that cannot be read is found out now, also when nothing is held out
  if (holdout === 0) for await (const _ of pipeline.records(path, {})) break
  return holdout === 0 ? nothingHeldOut : openSplit(pipeline.records(path, {}), holdout, units, cut)
}

/** The records of the final test in file order; all records when nothing is held out. */
export async function* heldOutRaws(
  spec: RunSpec,
  pipeline: DataPipeline,
  split: Split,
): AsyncGenerator<unknown> {
  const { path, testPath } = spec.data
  const all = testPath === '' && split.atMost < 0
  for await (const { key, raw } of pipeline.records(testPath || path, {}))
    if (all || sideOf(split, key) === 'test') yield raw
}
