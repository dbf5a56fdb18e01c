// checkpoint-tests.json: the full tests of a run's checkpoints, by step.
import { rm } from 'node:fs/promises'
import { z } from 'zod'
import { writeAtomically } from '../weights/atomic'
import { readFitting, runFiles } from './run-folder'

const fileSchema = z.array(z.object({ step: z.int(), loss: z.number(), batches: z.int() }))
type FullTest = z.infer<typeof fileSchema>[number]

async function readTests(folder: string): Promise<readonly FullTest[]> {
  // they can be made again
  return (await readFitting(runFiles(folder).checkpointTests, fileSchema)) ?? []
}

async function writeTests(folder: string, tests: readonly FullTest[]): Promise<void> {
  await writeAtomically(runFiles(folder).checkpointTests, `${JSON.stringify(tests)}\n`)
}

/** Loss of the full test by step, in nats per token. */
export async function fullTestsOf(folder: string): Promise<ReadonlyMap<number, number>> {
  return new Map((await readTests(folder)).map(({ step, loss }) => [step, loss]))
}

export async function addFullTest(folder: string, test: FullTest): Promise<void> {
  const others = (await readTests(folder)).filter(({ step }) => step !== test.step)
  await writeTests(folder, [...others, test])
}

/** Tests of checkpoints after `step`, which belong to a past that will be written again. */
export async function dropTestsAfter(folder: string, step: number): Promise<void> {
  const tests = await readTests(folder)
  const kept = tests.filter(test => test.step <= step)
  if (kept.length === 0) await rm(runFiles(folder).checkpointTests, { force: true })
  else if (kept.length < tests.length) await writeTests(folder, kept)
}
